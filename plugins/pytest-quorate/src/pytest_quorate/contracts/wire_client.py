"""The contract of a model client that speaks chat completions to a URL, proved against the scripted server."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from pytest_quorate.contracts._served import capable
from pytest_quorate.contracts.model_client import ModelClientContract
from pytest_quorate.contracts.wire_answers import WireAnswerTests
from pytest_quorate.contracts.wire_connections import WireConnectionTests
from pytest_quorate.contracts.wire_failures import WireFailureTests
from pytest_quorate.contracts.wire_garbage import WireGarbageTests
from pytest_quorate.contracts.wire_requests import WireRequestTests
from pytest_quorate.contracts.wire_reuse import WireReuseTests
from pytest_quorate.contracts.wire_secrets import WireSecretTests
from pytest_quorate.contracts.wire_streams import WireStreamTests

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh
    from pytest_quorate.server import ScriptedServer


class WireClientContract(
    ModelClientContract,
    WireAnswerTests,
    WireStreamTests,
    WireRequestTests,
    WireFailureTests,
    WireGarbageTests,
    WireConnectionTests,
    WireReuseTests,
    WireSecretTests,
    contract=True,
):
    """What a model client promises that sends chat completions to an endpoint.

    A plugin's test class says how to make a client for an endpoint::

        class TestContract(WireClientContract):
            record = RECORD
            capabilities = frozenset({"tools", "parallel_tools", "structured_output"})

            def make_client(self, base_url, **config):
                return MyClient(model="m", base_url=base_url, **config)

    ``config`` holds keys of a configuration: ``api_key``, ``timeout``, ``max_retries``, ``temperature``, and so on.
    """

    @pytest.fixture
    def fresh(self, scripted_server: ScriptedServer) -> Fresh:
        """Makes clients of the scripted server, which answers as a capable model unless a test says otherwise."""
        scripted_server.answer = capable()
        return partial(self.make_client, scripted_server.base_url)
