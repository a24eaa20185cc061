"""Tools over real HTTP: what is offered, called, answered and corrected, as an endpoint sees it."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest

from quorate import AssistantAgent, Kernel, UserProxyAgent, register_function
from quorate.events import ToolEnded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_quorate import ScriptedServer
    from quorate import ChatResult

PNG = b"\x89PNG\r\n\x1a\n..."


def convert(amount: Annotated[float, "dollars"], unit: Literal["EUR", "JPY"] = "EUR") -> str:
    """Convert dollars."""
    return f"{amount:.1f} {unit}"


async def plot(title: str) -> list[Any]:
    """Plot it."""
    await asyncio.sleep(0)
    return [f"A plot of {title}:", PNG]


@pytest.fixture
def told() -> list[Any]:
    """The events of the chat."""
    return []


@pytest.fixture(params=["blocking", "async"])
def chat(
    request: pytest.FixtureRequest, scripted_server: ScriptedServer, told: list[Any]
) -> Iterator[Callable[..., ChatResult]]:
    """Hold a chat of a user proxy with an assistant whose model may call two functions."""
    entry = {"model": "m", "api_key": "sk-any", "base_url": scripted_server.base_url, "max_retries": 0}
    kernel = Kernel(observers=[told.append])
    assistant = AssistantAgent("assistant", llm_config={"config_list": [entry]}, kernel=kernel)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, kernel=kernel)
    for func in (convert, plot):
        register_function(func, caller=assistant, executor=user)
    with asyncio.Runner() as runner:
        if request.param == "async":
            yield lambda **options: runner.run(user.a_initiate_chat(assistant, **options))
            runner.run(kernel.aclose())
        else:
            yield lambda **options: user.initiate_chat(assistant, **options)
            kernel.close()


def test_functions_are_offered_called_and_answered(
    chat: Callable[..., ChatResult], scripted_server: ScriptedServer
) -> None:
    calls = [("plot", {"title": "sales"}), ("convert", {"amount": "1.25"})]
    scripted_server.reply("One moment.", tool_calls=calls).reply("Done. TERMINATE")
    result = chat(message="Plot.")

    assert result.chat_history[1]["content"] == "One moment."
    first, second = scripted_server.chats
    assert [tool["function"]["name"] for tool in first.field("tools")] == ["convert", "plot"]
    assert first.field("tools") == second.field("tools")
    asked, plotted, converted, seen = second.messages[-4:]
    assert [call["id"] for call in asked["tool_calls"]] == [plotted["tool_call_id"], converted["tool_call_id"]]
    assert [plotted["content"], converted["content"]] == ["A plot of sales:\n<image 1>", "1.2 EUR"]
    assert (seen["role"], [part["type"] for part in seen["content"]]) == ("user", ["text", "image_url"])
    assert seen["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")


def test_a_model_corrects_its_calls(
    chat: Callable[..., ChatResult], scripted_server: ScriptedServer, told: list[Any]
) -> None:
    wrong = ["{oops", '{"amount": 1, "unit": "GBP"}', "{}"]
    for arguments in wrong:
        scripted_server.reply(None, tool_calls=[("convert", arguments)])
    scripted_server.reply(None, tool_calls=[("konvert", {})])
    scripted_server.reply(None, tool_calls=[("convert", '{"amount": 1}')]).reply("1 EUR. TERMINATE")
    result = chat(message="Convert.")

    answers = [message["content"] for message in result.chat_history if message["role"] == "tool"]
    assert [re.split(r";| \(Expecting", str(answer))[0] for answer in answers] == [
        "Error: the arguments of convert are not JSON",
        "Error: the arguments of convert do not fit: unit: Input should be 'EUR' or 'JPY' (given: \"GBP\")",
        "Error: the arguments of convert do not fit: amount: is missing",
        "Error: no function is named 'konvert'",
        "1.0 EUR",
    ]
    assert scripted_server.chats[1].messages[-2]["tool_calls"][0]["function"]["arguments"] == "{oops"
    assert [event.failed for event in told if isinstance(event, ToolEnded)] == [True] * 4 + [False]
