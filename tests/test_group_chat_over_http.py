"""A group chat over real HTTP: what an endpoint is sent when a speaker is chosen, hands over, and calls a tool."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import pytest

import quorate_openai_client
from quorate import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, Handoff, Handoffs, Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_quorate.server import ScriptedServer


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_openai_client, "openai-client")
        yield kernel


def calling(name: str, **arguments: Any) -> list[dict[str, Any]]:
    return [{"id": "call_1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}]


def test_the_roster_is_the_schema_s_enum_and_messages_are_valid_on_the_wire(
    kernel: Kernel, scripted_server: ScriptedServer
) -> None:
    config = {"client": "openai", "model": "m", "base_url": scripted_server.base_url}
    clerk = AssistantAgent("clerk", llm_config=config, kernel=kernel)
    boss = AssistantAgent("boss", llm_config=config, kernel=kernel)
    user = ConversableAgent("user", human_input_mode="NEVER", kernel=kernel)

    @user.register_for_execution()
    @clerk.register_for_llm(description="Look up a price.")
    def price(item: Annotated[str, "what it is"]) -> float:
        return {"pen": 1.5}[item]

    group = GroupChat([user, clerk, boss], max_round=9)
    manager = GroupChatManager(group, llm_config=config)
    scripted_server.reply('{"choice": "clerk"}').reply(tool_calls=calling("price", item="pen"))
    scripted_server.reply('{"choice": "clerk"}').reply("A pen is 1.50.")
    scripted_server.reply('{"choice": "boss"}').reply("Good. TERMINATE")
    chat = user.initiate_chat(manager, message="What is a pen?")

    assert [message["name"] for message in group.messages] == ["user", "clerk", "user", "clerk", "boss"]
    assert chat.stop_reason is not None
    assert chat.stop_reason.kind == "termination_message"
    bodies = [request.body for request in scripted_server.chats]
    schema = bodies[0]["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["choice"]["enum"] == ["user", "clerk", "boss"]
    assert "tools" not in bodies[0]
    assert [message["role"] for message in bodies[3]["messages"]] == ["system", "user", "assistant", "tool"]
    assert bodies[3]["messages"][3] == {"role": "tool", "tool_call_id": "call_1", "content": "1.5"}
    assert [message.get("name") for message in bodies[5]["messages"]] == [None, "user", None, None, "clerk"]


def test_a_handoff_is_a_tool_on_the_wire(kernel: Kernel, scripted_server: ScriptedServer) -> None:
    config = {"client": "openai", "model": "m", "base_url": scripted_server.base_url}
    front = AssistantAgent("front", llm_config=config, kernel=kernel)
    billing = AssistantAgent("billing", llm_config=config, kernel=kernel)
    user = ConversableAgent("user", human_input_mode="NEVER", kernel=kernel)
    group = GroupChat([user, front, billing], speaker_selection_method=Handoffs([Handoff(front, billing, "Invoices.")]))
    scripted_server.reply(tool_calls=calling("handoff_to_billing")).reply("It is paid. TERMINATE")
    chat = user.initiate_chat(GroupChatManager(group), message="Is invoice 17 paid?")

    assert chat.summary == "It is paid."
    first, second = (request.body for request in scripted_server.chats)
    (tool,) = first["tools"]
    assert tool["function"]["name"] == "handoff_to_billing"
    assert "tools" not in second
    assert second["messages"][3] == {"role": "tool", "tool_call_id": "call_1", "content": "billing takes over."}
