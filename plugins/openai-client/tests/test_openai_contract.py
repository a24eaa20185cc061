"""The contract of clients that speak chat completions to a URL."""

from __future__ import annotations

from pytest_quorate import WireClientContract
from quorate_openai_client import RECORD, OpenAIChatCompletionClient


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

    def make_client(self, base_url, **config):
        return OpenAIChatCompletionClient(model="m", base_url=base_url, **config)
