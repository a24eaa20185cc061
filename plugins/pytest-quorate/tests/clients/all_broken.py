"""Runs the contract on every broken client of one module, named by ``BROKEN``; started by the test beside it."""

from __future__ import annotations

import importlib
import os

from honest_client import CAPABILITIES, RECORD

from pytest_quorate import WireClientContract


def contract_of(client):
    def make_client(self, base_url, **config):
        return client(model="m", base_url=base_url, **config)

    body = {
        "record": RECORD,
        "capabilities": getattr(client, "capabilities", CAPABILITIES),
        "patience": getattr(client, "patience", 30.0),
        "make_client": make_client,
        "client": client,
    }
    return type(f"Test{client.__name__}", (WireClientContract,), body)


for _client in vars(importlib.import_module(os.environ["BROKEN"])).copy().values():
    if isinstance(_client, type) and hasattr(_client, "fails"):
        globals()[f"Test{_client.__name__}"] = contract_of(_client)
