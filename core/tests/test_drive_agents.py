"""The door under agents: chats inside chats, loops and threads, and overrides."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from quorate import ConversableAgent, Kernel
from quorate._drive import current_step

KERNEL = Kernel(autoload=False)


def agent(name, reply=None, **options):
    """An agent that asks nobody; with a reply function when one is given."""
    made = ConversableAgent(name, **{"human_input_mode": "NEVER", "kernel": KERNEL, **options})
    if reply is not None:
        made.register_reply([ConversableAgent, None], reply)
    return made


CALL = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}


def address():
    step = current_step()
    return step.address if step else "none"


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
