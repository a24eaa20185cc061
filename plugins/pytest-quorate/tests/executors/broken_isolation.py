"""Executors that claim what they do not keep; ``fails`` names the tests that must notice, and nobody else may."""

# ruff: noqa: RUF012 - nobody changes these sets

from __future__ import annotations

import os

from honest_executor import HonestExecutor


class SaysNothingOfItself(HonestExecutor):
    fails = {"test_what_it_declares"}
    isolation = None


class DeclaresMoreThanItClaims(HonestExecutor):
    fails = {"test_the_level_has_its_guarantees"}
    level = isolation = "container"


class ClaimsWhatNobodyKnows(HonestExecutor):
    fails = {"test_the_level_has_its_guarantees"}
    claims = HonestExecutor.claims | {"is_safe"}


class PassesTheEnvironment(HonestExecutor):
    fails = {"test_our_environment_is_not_passed_on"}

    def __init__(self, *args, **options):
        super().__init__(*args, env=dict(os.environ), **options)


class HasNoShield(HonestExecutor):
    fails = {"test_our_processes_cannot_be_read", "test_our_processes_cannot_be_signalled"}
    claims = HonestExecutor.claims | {"hides_processes", "keeps_signals"}

    def __init__(self, *args, **options):
        super().__init__(*args, shield=False, **options)


class ClaimsAllThereIs(HonestExecutor):
    fails = {"test_files_outside_cannot_be_read", "test_files_outside_cannot_be_changed", "test_privileges"}
    claims = HonestExecutor.claims | {"hides_files", "keeps_files", "drops_privileges"}
    only = fails | {"test_our_environment_is_not_passed_on", "test_the_network"}


class DeniesTheNetwork(HonestExecutor):
    fails = {"test_the_network"}
    reaches = network = False


class ClaimsLimits(HonestExecutor):
    fails = {"test_a_memory_bomb", "test_a_fork_bomb", "test_filling_the_disk", "test_processor_time"}
    limits = {"cpu": {}, "file_size": {}, "memory": {}, "processes": {}}

    def __init__(self, *args, timeout, **options):
        super().__init__(*args, timeout=min(timeout, 6), **options)
