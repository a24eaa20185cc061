"""``quorate demo``: the main job, with nothing to set up."""

from __future__ import annotations

from typing import Any

import click

from quorate.cli import _main_job

TASK = "What are the first ten prime numbers?"


@click.command()
@_main_job.options
def demo(**options: Any) -> None:
    """Watch an assistant write code, see it run, and get its result used.

    Needs no key and no network: without a configuration, a very small demonstration model answers.
    """
    _main_job.solve([TASK], **options)
