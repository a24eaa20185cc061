"""Conversations that a test kills and starts again; every step that has an effect asks a server, which counts.

Reads one line for each run: ``scenario journal port``. Each runs in a forked child, so that a kill costs little. Writes
the child's number, and when it ended, its exit status and what it printed.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import urllib.request
from pathlib import Path

from quorate import (
    AssistantAgent,
    BaseChatCompletionClient,
    ConversableAgent,
    CreateResult,
    GroupChat,
    GroupChatManager,
    ModelClientRecord,
    Usage,
    UserProxyAgent,
    hookimpl,
    record,
)
from quorate.testing import isolated_kernel

PORT = 0


def ask(kind, what):
    """Let the server do something that can be counted."""
    data = json.dumps([kind, what], sort_keys=True).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", data) as answer:
        return json.load(answer)


class Client(BaseChatCompletionClient):
    """A model behind the server; in parts, it gives each word."""

    async def create(self, messages, *, tools=(), choices=None, **request):
        del tools, choices, request
        given = await asyncio.to_thread(ask, "model", [message.get("content") for message in messages])
        return CreateResult(given.get("calls") or given["text"], usage=Usage(len(messages), 1), model="m", cost=0.0)

    async def create_stream(self, messages, **request):
        result = await self.create(messages, **request)
        if isinstance(result.content, str):
            for word in result.content.split():
                yield word
        yield result


class Plugin:
    @hookimpl
    def quorate_model_clients(self):
        yield ModelClientRecord(name="web", factory=Client, summary="Asks the server")


LLM = {"model": "m", "client": "web"}


def two(kernel):
    """A model, and a person who is asked each time."""
    user = UserProxyAgent(
        "user",
        kernel=kernel,
        human_input_mode="ALWAYS",
        person=lambda prompt: ask("human", prompt),
        code_execution_config=False,
    )
    assistant = AssistantAgent("assistant", llm_config=LLM, kernel=kernel)
    return user, assistant, {"message": "go", "max_turns": 4}


def tools(kernel):
    """A model that calls two tools at a time."""
    assistant = AssistantAgent("assistant", llm_config=LLM, kernel=kernel)
    user = UserProxyAgent("user", kernel=kernel, human_input_mode="NEVER", code_execution_config=False)

    def effect(number: int) -> str:
        """Have an effect."""
        return str(ask("tool", number))

    assistant.register_for_llm(description="effect")(effect)
    user.register_for_execution()(effect)
    return user, assistant, {"message": "call", "max_turns": 4}


def nested(kernel):
    """An agent that holds chats of its own before it answers, and sums up by its model."""
    outer = ConversableAgent("outer", kernel=kernel, human_input_mode="NEVER")
    inner = ConversableAgent("inner", llm_config=LLM, kernel=kernel, human_input_mode="NEVER")
    asker = ConversableAgent("asker", kernel=kernel, human_input_mode="NEVER", default_auto_reply="and then?")
    user = ConversableAgent("user", kernel=kernel, human_input_mode="NEVER", default_auto_reply="more")
    queue = [
        {"recipient": inner, "sender": asker, "max_turns": 2, "summary_method": "reflection_with_llm"},
        {"recipient": inner, "max_turns": 1},
    ]
    outer.register_nested_chats(queue, lambda sender: sender is user)
    return user, outer, {"message": "start", "max_turns": 3}


def group(kernel, method="auto"):
    """A group whose speakers a model chooses, with a member that is a plain function."""
    members = [
        ConversableAgent(name, llm_config=LLM, kernel=kernel, human_input_mode="NEVER", description=name)
        for name in ("ann", "ben")
    ]
    plain = ConversableAgent("plain", kernel=kernel, human_input_mode="NEVER", description="plain")
    plain.register_reply(
        lambda _: True, lambda recipient, messages, sender, config: (True, ask("reply", len(messages)))
    )
    chat = GroupChat([*members, plain], max_round=7, speaker_selection_method=method)
    manager = GroupChatManager(chat, llm_config=LLM, kernel=kernel)
    return members[0], manager, {"message": "discuss"}


def chance(kernel):
    """A group whose speakers are chosen by chance."""
    return group(kernel, "random")


def hold(scenario, run, *, native=False, parts=False):
    """Hold a conversation inside an open run; gives what came of it as data."""
    heard = [].append
    with isolated_kernel(Plugin(), observers=[heard] if parts else []) as kernel:
        opener, recipient, options = globals()[scenario](kernel)
        with run:
            if native:
                result = asyncio.run(opener.a_initiate_chat(recipient, **options))
            else:
                result = opener.initiate_chat(recipient, **options)
    return {
        "history": result.chat_history,
        "summary": result.summary,
        "cost": result.cost,
        "human": result.human_input,
        "stop": str(result.stop_reason),
    }


def main():
    global PORT  # noqa: PLW0603
    for module in (
        "coding.builtin",
        "config.llm_config",
        "journal.run",
        "models.fallback",
        "models.deciding",
        "tools.arguments",
        "_loop",
    ):
        importlib.import_module(f"quorate.{module}")  # once, and not in each child
    print("ready", flush=True)
    for line in sys.stdin:
        scenario, path, port, native, parts = line.split()
        PORT = int(port)
        child = os.fork()
        if not child:
            result = hold(scenario, record(path, run="r"), native=native == "1", parts=parts == "1")
            Path(f"{path}.result").write_text(json.dumps(result))
            os._exit(0)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()
