"""The contract of clients that speak chat completions to a URL."""

from __future__ import annotations

from pytest_quorate import WireClientContract
from quorate_vllm_client import RECORD, VLLMChatCompletionClient


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
        # With both declared the server is asked nothing about itself, so that every request is one of the contract's.
        return VLLMChatCompletionClient(model="m", base_url=base_url, model_info={"context_length": 4096}, **config)
