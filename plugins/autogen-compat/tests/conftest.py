"""Programs run under both names, each in a folder of its own, with models that say what the test says."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import quorate_autogen_compat.install  # noqa: F401 - lets the face answer to `import autogen`
from quorate import default_kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The response cache, which is on by default, and what code writes stay in the test's folder."""
    monkeypatch.chdir(tmp_path)
    yield
    default_kernel().close()


@pytest.fixture(params=["autogen", "quorate_autogen_compat"])
def autogen(request: pytest.FixtureRequest) -> Any:
    """The face under each of its names."""
    return importlib.import_module(request.param)


class Canned:
    """A model client as AutoGen 0.2 has them; it says its lines in order, and keeps what it was asked."""

    def __init__(self, config: dict[str, Any], *, lines: list[Any], asked: list[Any]) -> None:
        del config
        self._lines, self._asked = lines, asked

    def create(self, params: dict[str, Any]) -> Any:
        self._asked.append(params)
        line = self._lines.pop(0)
        message = SimpleNamespace(content=line) if isinstance(line, str) else SimpleNamespace(content=None, **line)
        return SimpleNamespace(choices=[SimpleNamespace(message=message)], model="canned")

    def message_retrieval(self, response: Any) -> list[Any]:
        return [choice.message for choice in response.choices]

    def cost(self, response: Any) -> float:
        del response
        return 0.25

    @staticmethod
    def get_usage(response: Any) -> dict[str, Any]:
        return {"prompt_tokens": 2, "completion_tokens": 1, "total_tokens": 3, "cost": 0.25, "model": response.model}


class Model:
    """One canned model: its ``llm_config``, and what it was asked."""

    def __init__(self, name: str, lines: list[Any]) -> None:
        self.asked: list[dict[str, Any]] = []
        self.config_list = [{"model": name, "model_client_cls": name}]
        self.llm_config: dict[str, Any] = {"config_list": self.config_list}
        cls = type(name, (Canned,), {})
        default_kernel().register_model_client(cls, lines=list(lines), asked=self.asked)


@pytest.fixture
def model() -> Callable[..., Model]:
    """Makes a model that says these lines; each has a name of its own."""
    made: list[Model] = []

    def make(*lines: Any) -> Model:
        made.append(Model(f"Canned{len(made)}", list(lines)))
        return made[-1]

    return make


def tool_call(name: str, arguments: str, identity: str = "call_1") -> dict[str, Any]:
    """A line that calls a tool."""
    return {"tool_calls": [{"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}]}


@pytest.fixture
def calls() -> Callable[..., dict[str, Any]]:
    """Makes a line that calls a tool."""
    return tool_call
