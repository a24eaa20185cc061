"""What several tests use: the engine with the shipped weights, and values recorded with transformers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quorate_tiny_model._answer import engine as shipped


@pytest.fixture(scope="session")
def engine():
    return shipped()


@pytest.fixture(scope="session")
def reference():
    """Recorded by ``training/record.py``; see there."""
    return json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
