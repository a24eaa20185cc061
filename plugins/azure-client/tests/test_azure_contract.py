"""The contract of clients that speak chat completions to a URL, by Azure's two routes."""

from __future__ import annotations

import pytest

from pytest_quorate import ScriptedServer, WireClientContract
from quorate_azure_client import RECORD, AzureOpenAIChatCompletionClient


@pytest.fixture(params=["/openai/deployments/m", "/openai/v1"], ids=["dated", "v1"])
def scripted_server(request):
    with ScriptedServer(prefix=request.param) as server:
        yield server


class TestContract(WireClientContract):
    record = RECORD
    capabilities = frozenset(
        {
            "tools",
            "parallel_tools",
            "structured_output",
            "vision",
            "logprobs",
            "n",
            "seed",
            "reasoning",
            "decide",
            "keep_alive",
        }
    )
    known_gaps = {  # noqa: RUF012 - the base class has its type
        "test_the_key_of_the_environment_belongs_to_its_origin": "nobody is asked without a credential, so there is "
        "no request without one to look at; test_azure_origin.py shows where keys and tokens of the environment go"
    }

    def make_client(self, base_url, **config):
        version = {} if base_url.endswith("/openai/v1") else {"api_version": "2024-10-21"}
        own = {"model": "m", "base_url": base_url, "api_key": "key-of-the-contract", **version}
        return AzureOpenAIChatCompletionClient(**(own | config))
