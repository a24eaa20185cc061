"""Long chats: a loop and no recursion, in either mode, and many at once."""

from __future__ import annotations

import asyncio
import sys
from itertools import pairwise


def test_five_thousand_turns_need_no_deeper_stack(echo, run):
    """AutoGen 0.2 ends with a RecursionError near 245 round trips."""
    one, two = echo("one"), echo("two")
    depths = set()

    def measure(recipient, messages, sender, config):
        frame, depth = sys._getframe(), 0
        while frame is not None:
            frame, depth = frame.f_back, depth + 1
        depths.add(depth)
        return False, None

    one.register_reply(lambda _: True, measure)
    chat = run(one.initiate_chat, two, message="go", max_turns=5_000)
    assert len(chat.chat_history) == 10_000
    assert chat.chat_history[-1]["content"] == "two 5000"
    assert max(depths) - min(depths) < 5, "worker threads may begin a few frames apart"


def test_many_chats_at_once_keep_apart(echo, texts):
    async def one_of(number):
        user, other = echo(f"user{number}"), echo(f"other{number}")
        await asyncio.sleep(0)
        chat = await user.a_initiate_chat(other, message=f"hello {number}", max_turns=3)
        return number, texts(chat.chat_history)

    async def all_of():
        return await asyncio.gather(*map(one_of, range(40)))

    for number, said in asyncio.run(all_of()):
        user, other = f"user{number}", f"other{number}"
        assert said == [f"hello {number}", *(f"{name} {n}" for n in (1, 2) for name in (other, user)), f"{other} 3"]


def test_many_chats_with_models_at_once_count_apart(kernel, thinker, agent):
    async def one_of(number):
        model, _ = thinker(f"m{number}", lambda _: f"{number} TERMINATE")
        chat = await agent(f"u{number}").a_initiate_chat(model, message="word " * number)
        return chat.cost["usage_including_cached_inference"]["scripted"]["prompt_tokens"]

    async def all_of():
        return await asyncio.gather(*map(one_of, range(1, 20)))

    read = asyncio.run(all_of())
    assert [later - sooner for sooner, later in pairwise(read)] == [1] * 18
