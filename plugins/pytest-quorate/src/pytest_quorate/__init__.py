"""Real parts for testing quorate plugins; importing this loads no pytest and no quorate."""

from __future__ import annotations

from pytest_quorate.replies import Reply
from pytest_quorate.requests import Request
from pytest_quorate.server import ScriptedServer

__all__ = ["Reply", "Request", "ScriptedServer"]
