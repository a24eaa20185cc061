"""Long chats and large groups: one loop, and memory that grows with the messages alone."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from itertools import pairwise

import pytest

from quorate import ConversableAgent, GroupChat, GroupChatManager


def speak(recipient, messages, sender, config):
    return True, "go on"


@pytest.fixture
def large(kernel):
    """The opener and the manager of a group of so many members, who all say the same."""

    def make(members, max_round, **options):
        made = [
            ConversableAgent(
                f"m{number}", human_input_mode="NEVER", max_consecutive_auto_reply=sys.maxsize, kernel=kernel
            )
            for number in range(members)
        ]
        for one in made:
            one.register_reply(lambda _: True, speak)
        chat = GroupChat(made, max_round=max_round, **{"speaker_selection_method": "round_robin", **options})
        return made[0], GroupChatManager(chat)

    return make


def test_a_long_chat_needs_no_deeper_stack(large, run):
    opener, manager = large(8, 400)
    depths = set()

    def measure(recipient, messages, sender, config):
        frame, depth = sys._getframe(), 0
        while frame is not None:
            frame, depth = frame.f_back, depth + 1
        depths.add(depth)
        return False, None

    opener.register_reply(lambda _: True, measure)
    result = run(opener.initiate_chat, manager, message="go")
    assert len(result.chat_history) == 400
    assert max(depths) - min(depths) < 5, "worker threads may begin a few frames apart"


def bytes_held(opener, manager):
    """What a chat leaves in memory while its agents live."""
    gc.collect()
    tracemalloc.start()
    opener.initiate_chat(manager, message="go", summary_method=None)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held


def test_memory_is_linear_in_messages_and_does_not_grow_with_the_members(large):
    bytes_held(*large(8, 20))
    small, long, wide = (bytes_held(*large(*size)) / size[1] for size in ((8, 200), (8, 800), (100, 800)))
    assert long < 1.3 * small
    assert wide < 1.3 * small
    assert long < 500, "bytes per message"


def test_hundreds_of_members_with_rules_and_a_function(large, run):
    opener, manager = large(300, 50, allow_repeat_speaker=False, speaker_selection_method="random")
    run(opener.initiate_chat, manager, message="go")
    names = [message["name"] for message in manager.groupchat.messages]
    assert len(names) == 50
    assert all(one != other for one, other in pairwise(names))


def test_many_group_chats_at_once_keep_apart(member, group):
    async def one_of(number):
        one, two = member(f"one{number}"), member(f"two{number}")
        manager = group(one, two, max_round=6)
        result = await one.a_initiate_chat(manager, message=f"go {number}")
        return number, [message["content"] for message in result.chat_history]

    async def all_of():
        return await asyncio.gather(*map(one_of, range(20)))

    for number, said in asyncio.run(all_of()):
        turns = [f"two{number} 1", f"one{number} 1", f"two{number} 2", f"one{number} 2", f"two{number} 3"]
        assert said == [f"go {number}", *turns]
