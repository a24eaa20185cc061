"""Importing the config package stays light."""

from __future__ import annotations

import subprocess
import sys

import pytest

import quorate.config

LIGHT = [
    "quorate.config",
    "quorate.config.builtin",
    "quorate.config.entries",
    "quorate.config.filters",
    "quorate.config_lists",
]


@pytest.mark.parametrize("module", LIGHT)
def test_importing_it_loads_no_pydantic(module):
    program = f"import sys, {module}; print(sorted({{'pydantic', 'dotenv', 'openai', 'asyncio'}} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_resolves():
    for name in quorate.config.__all__:
        assert getattr(quorate.config, name) is not None
        assert name in dir(quorate.config)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = quorate.config.nothing
