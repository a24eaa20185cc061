"""Runs the whole contract on the honest client; started by the test beside it."""

from __future__ import annotations

from honest_client import CAPABILITIES, RECORD, HonestClient

from pytest_quorate import WireClientContract


class TestHonest(WireClientContract):
    record = RECORD
    capabilities = CAPABILITIES

    def make_client(self, base_url, **config):
        return HonestClient(model="m", base_url=base_url, **config)
