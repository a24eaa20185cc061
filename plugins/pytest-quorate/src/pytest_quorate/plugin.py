"""The fixtures that pytest finds through the entry point ``quorate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_quorate.server import ScriptedServer


@pytest.fixture
def scripted_server() -> Iterator[ScriptedServer]:
    """A scripted OpenAI-wire server on loopback, fresh for each test."""
    from pytest_quorate.server import ScriptedServer

    with ScriptedServer() as server:
        yield server
