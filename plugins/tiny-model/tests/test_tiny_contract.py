"""The contract of model clients, on the embedded model."""

from __future__ import annotations

from pytest_quorate import ModelClientContract
from quorate_tiny_model._client import TinyModelClient

IGNORED = "of the request parameters only ``max_tokens`` and ``max_completion_tokens`` count"


class TestContract(ModelClientContract):
    capabilities = frozenset({"tools", "seed", "decide", "count_tokens"})
    documented_refusals = dict.fromkeys(["n", "logprobs", "reasoning", "parallel_tools"], IGNORED)
    question = "What is 37 * 54?"
    tool_question = "Call add with a=2, b=3"

    def make_client(self):
        return TinyModelClient()
