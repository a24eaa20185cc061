"""The door under agents: every public method both ways, and chats inside chats, loops and threads."""

from __future__ import annotations

import asyncio
import inspect
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import pytest

from quorate import AssistantAgent, CodeResult, ConversableAgent, CreateResult, Kernel, UserProxyAgent
from quorate._drive import current_step

KERNEL = Kernel(autoload=False)
PAIRS = sorted(name for name in dir(ConversableAgent) if name.startswith("a_"))


def agent(name, reply=None, **options):
    """An agent that asks nobody; with a reply function when one is given."""
    made = ConversableAgent(name, **{"human_input_mode": "NEVER", "kernel": KERNEL, **options})
    if reply is not None:
        made.register_reply([ConversableAgent, None], reply)
    return made


# -- the law: no second body


@pytest.mark.parametrize("cls", [ConversableAgent, AssistantAgent, UserProxyAgent])
@pytest.mark.parametrize("name", PAIRS)
def test_every_async_method_has_a_twin_and_no_second_body(cls, name):
    native, plain = getattr(cls, name), getattr(cls, name.removeprefix("a_"))
    assert inspect.iscoroutinefunction(native)
    assert plain.__quorate_body__ is native
    assert inspect.signature(plain) == inspect.signature(native)


def test_no_public_method_is_async_without_saying_so():
    public = {name: member for name, member in inspect.getmembers(ConversableAgent) if not name.startswith("_")}
    assert [name for name, one in public.items() if inspect.iscoroutinefunction(one)] == PAIRS


# -- every public method, both ways

CALL = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
CODE = "```python\nprint(6 * 7)\n```"


class Executor:
    """Runs nothing, and says what it was given."""

    async def execute_code_blocks(self, blocks):
        await asyncio.sleep(0)
        return CodeResult(0, "".join(block.code for block in blocks))


class Model:
    """A model client that answers with what it was asked."""

    stream = None

    async def create(self, messages, **_):
        await asyncio.sleep(0)
        return CreateResult(f"asked {len(messages)}: {messages[-1]['content']}", "stop")


async def add_later(a, b):
    await asyncio.sleep(0)
    return a + b


def polite(recipient, messages, sender, config):
    return True, f"{len(messages)} said, {messages[-1]['content']} last, step {address()}"


def address():
    step = current_step()
    return step.address if step else "none"


def opening(sender, recipient, context):
    return f"{sender.name} to {recipient.name}: {context}, step {address()}"


CALLS = {
    "a_send": lambda one, two: ((one, "hello", two), {"request_reply": True}),
    "a_receive": lambda one, two: ((one, {"content": "hello", "role": "user"}, two), {"request_reply": True}),
    "a_generate_reply": lambda one, two: ((one,), {"messages": [{"role": "user", "content": "hello"}], "sender": two}),
    "a_get_human_input": lambda one, _: ((one, "your words: "), {}),
    "a_generate_init_message": lambda one, two: ((one, opening), {"recipient": two, "key": 1}),
    "a_initiate_chat": lambda one, two: (
        (one, two),
        {"message": opening, "max_turns": 3, "summary_method": lambda *_: address(), "key": 1},
    ),
    "a_check_termination_and_human_reply": lambda one, two: ((one, [{"content": "TERMINATE"}], two), {}),
    "a_generate_tool_calls_reply": lambda one, two: ((one, [{"content": "", "tool_calls": [CALL, CALL]}], two), {}),
    "a_generate_function_call_reply": lambda one, two: (
        (one, [{"content": "", "function_call": CALL["function"]}], two),
        {},
    ),
    "a_execute_function": lambda one, _: ((one, CALL["function"]), {}),
    "a_generate_code_execution_reply": lambda one, two: ((one, [{"content": CODE}], two), {}),
    "a_generate_oai_reply": lambda one, two: ((one, [{"role": "user", "content": "hm"}], two, Model()), {}),
}
"""How to call each; a new public method must be added here."""


def seen(made):
    """All that an agent keeps."""
    conversations = made.conversations
    return (
        {partner.name: [asdict_entry(entry) for entry in conversations[partner].entries] for partner in conversations},
        {partner.name: conversations.of(partner).auto_replies for partner in conversations},
        made.human_input,
    )


def asdict_entry(entry):
    return entry.message, entry.author, entry.source


def outcome(name, mode, monkeypatch):
    """What a method gives and leaves behind, called in one mode."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed\n"))
    options = {"function_map": {"add": add_later}, "code_execution_config": {"executor": Executor()}}
    one, two = agent("one", polite, **options), agent("two", polite, max_consecutive_auto_reply=3)
    for made in (one, two):  # so that what is asked with `request_reply` ends
        made.register_reply(lambda _: True, ConversableAgent.check_termination_and_human_reply)
        made.update_max_consecutive_auto_reply(3)
    arguments, keywords = CALLS[name](one, two)
    if mode == "async":
        result = asyncio.run(getattr(type(one), name)(*arguments, **keywords))
    else:
        result = getattr(type(one), name.removeprefix("a_"))(*arguments, **keywords)
    return asdict(result) if name == "a_initiate_chat" else result, seen(one), seen(two)


def test_no_method_is_forgotten():
    assert sorted(CALLS) == PAIRS


@pytest.mark.parametrize("name", PAIRS)
def test_each_public_method_does_the_same_in_both_modes(name, monkeypatch):
    blocking, native = (outcome(name, mode, monkeypatch) for mode in ("blocking", "async"))
    assert blocking == native
    result, (histories, *_), _ = blocking
    assert result or histories


# -- chats


@pytest.fixture(params=["blocking", "async"])
def chat(request):
    """Hold a chat in one mode or the other."""
    if request.param == "blocking":
        return lambda opener, *args, **kwargs: opener.initiate_chat(*args, **kwargs)
    return lambda opener, *args, **kwargs: asyncio.run(opener.a_initiate_chat(*args, **kwargs))


def contents(result):
    return [message["content"] for message in result.chat_history]


def test_steps_of_a_chat_have_the_same_addresses_in_both_modes(chat):
    async def later(recipient, messages, sender, config):
        await asyncio.sleep(0)
        return True, address()

    def asks(recipient, messages, sender, config):
        if len(messages) > 2:
            return True, address()
        return True, {
            "content": address(),
            "tool_calls": [{**CALL, "function": {"name": "where", "arguments": "{}"}}] * 2,
        }

    one, two = agent("one", later, function_map={"where": address}), agent("two", asks)
    one.register_reply([ConversableAgent, None], ConversableAgent.generate_tool_calls_reply)
    assert contents(chat(one, two, message="hello", max_turns=2)) == ["hello", "0", "1.0.0\n\n1.1.0", "2"]


def test_chats_nest_sixty_deep_in_plain_reply_functions(chat):
    deepest = []

    def nest(recipient, messages, sender, config):
        depth = int(messages[-1]["content"])
        if depth == 60:
            deepest.append(address())
            return True, "bottom"
        result = agent(f"opener {depth}").initiate_chat(
            agent(f"nested {depth}", nest), message=str(depth + 1), max_turns=1
        )
        return True, f"{result.summary} <"

    result = chat(agent("opener"), agent("nested", nest), message="1", max_turns=1)
    assert result.summary == "bottom" + 59 * " <"
    assert deepest == [".".join(["0"] * 60)]


def test_chats_nest_sixty_deep_in_coroutine_reply_functions():
    async def nest(recipient, messages, sender, config):
        depth = int(messages[-1]["content"])
        if depth == 60:
            return True, "bottom"
        opener, nested = agent(f"opener {depth}"), agent(f"nested {depth}", nest)
        result = await opener.a_initiate_chat(nested, message=str(depth + 1), max_turns=1)
        return True, f"{result.summary} <"

    for hold in (
        lambda one, two: one.initiate_chat(two, message="1", max_turns=1),
        lambda one, two: asyncio.run(one.a_initiate_chat(two, message="1", max_turns=1)),
    ):
        assert hold(agent("opener"), agent("nested", nest)).summary == "bottom" + 59 * " <"


def echo(recipient, messages, sender, config):
    return True, f"{recipient.name}:{len(messages)}"


async def echo_later(recipient, messages, sender, config):
    await asyncio.sleep(0)
    return True, f"{recipient.name}:{len(messages)}"


def test_a_blocking_chat_works_inside_a_running_loop():
    async def notebook():
        return agent("one", echo).initiate_chat(agent("two", echo_later), message="hi", max_turns=2)

    assert contents(asyncio.run(notebook())) == ["hi", "two:1", "one:2", "two:3"]


def test_blocking_chats_work_in_sixteen_threads_at_once():
    def hold(number):
        one, two = agent(f"one {number}", echo), agent(f"two {number}", echo_later)
        return contents(one.initiate_chat(two, message="hi", max_turns=20))

    with ThreadPoolExecutor(16) as pool:
        for number, said in enumerate(pool.map(hold, range(16))):
            assert said == ["hi", *(f"{'one' if turn % 2 == 0 else 'two'} {number}:{turn}" for turn in range(1, 40))]


def test_native_chats_work_side_by_side():
    async def main():
        chats = [
            agent(f"one {number}", echo).a_initiate_chat(agent("two", echo_later), message="hi", max_turns=3)
            for number in range(16)
        ]
        return await asyncio.gather(*chats)

    for number, result in enumerate(asyncio.run(main())):
        assert contents(result) == ["hi", "two:1", f"one {number}:2", "two:3", f"one {number}:4", "two:5"]


class Shouts(ConversableAgent):
    async def a_generate_reply(self, messages=None, sender=None, **kwargs):
        return f"{await super().a_generate_reply(messages, sender, **kwargs)}!"


class Whispers(Shouts):
    def generate_reply(self, messages=None, sender=None, **kwargs):
        return f"({super().generate_reply(messages, sender, **kwargs)})"


def test_overrides_of_either_method_are_honoured_in_chats(chat):
    two = Whispers("two", human_input_mode="NEVER", kernel=KERNEL, default_auto_reply="yes")
    assert contents(chat(agent("one"), two, message="hi", max_turns=1)) == ["hi", "(yes!)"]


def test_an_overridden_prompt_is_asked(chat):
    class Person(ConversableAgent):
        def get_human_input(self, prompt):
            return f"typed at {address()}"

    person = Person("person", human_input_mode="ALWAYS", kernel=KERNEL)
    assert contents(chat(agent("one"), person, message="hi", max_turns=1))[1].startswith("typed at ")
