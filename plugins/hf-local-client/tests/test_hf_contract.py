"""The contract of model clients, on a model that recites an answer, or two calls when tools are on offer."""

from __future__ import annotations

import pytest

from pytest_quorate import ModelClientContract
from quorate_hf_local_client import HFLocalClient

pytest.importorskip("torch", reason="torch is not installed; `nox -s hf` brings it and runs these tests")
pytest.importorskip("transformers", reason="transformers is not installed; `nox -s hf` brings it and runs these tests")

CALLS = ("<tool_call>", '{"name": "add", "arguments": {"a": 2, "b": 3}}', "</tool_call>", "\n")
CALLS += ("<tool_", "call>", '{"name": "add", "arguments": {"a": 4, "b": 5}}', "</tool", "_call>")


class TestContract(ModelClientContract):
    capabilities = frozenset({"tools", "parallel_tools", "n", "seed", "decide", "count_tokens"})

    @pytest.fixture(autouse=True)
    def _model(self, reciting):
        answers = {"<|assistant|>": ("It ", "is ", "5, ", "ü🌍"), "<|system|>": CALLS}
        self.model = reciting(paths=answers, template="calling", context=2048)

    def make_client(self):
        return HFLocalClient(model=self.model)
