"""What a message of a group chat costs: microseconds and bytes, by the length of the chat and the number of members.

`python benchmarks/group_chat.py [ROUNDS]`. Members have a plain Python reply function each and speak in turn, so that what
is measured is the group chat itself. CPU time of this process, garbage collection included; the least of the rounds is
shown, because another program can only add to it. Bytes are what is still held after the chat (tracemalloc), per message,
less what the agents held before it. A cost per message that grows with the conversation, or with the membership, shows as
a ratio above 1.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from typing import Any

from quorate import ConversableAgent, GroupChat, GroupChatManager, Kernel

ROUNDS = 5
MEMBERS = (8, 200)
LENGTHS = (500, 2_000, 10_000)
AIM = 12.0
"""Microseconds per message."""


def speak(*_: object, **__: object) -> tuple[bool, str]:
    """Say something short."""
    return True, "go on"


def group(members: int, length: int, kernel: Kernel) -> tuple[ConversableAgent, GroupChatManager]:
    """So many members, and the manager of their group; the first of them opens it."""
    options: dict[str, Any] = {
        "human_input_mode": "NEVER",
        "max_consecutive_auto_reply": sys.maxsize,
        "kernel": kernel,
    }
    agents = [ConversableAgent(f"member{number}", **options) for number in range(members)]
    for agent in agents:
        agent.register_reply(ConversableAgent, speak)
    chat = GroupChat(agents=list(agents), max_round=length, speaker_selection_method="round_robin")
    return agents[0], GroupChatManager(chat)


def seconds(members: int, length: int, kernel: Kernel) -> float:
    """CPU seconds of one chat."""
    opener, manager = group(members, length, kernel)
    gc.collect()
    began = time.process_time()
    opener.initiate_chat(manager, message="go on", summary_method=None)
    took = time.process_time() - began
    assert len(manager.groupchat.messages) == length  # noqa: S101 - a chat that ended early measures nothing
    return took


def held(members: int, length: int, kernel: Kernel) -> int:
    """Bytes that a chat leaves in memory while its agents live."""
    opener, manager = group(members, length, kernel)
    gc.collect()
    tracemalloc.start()
    opener.initiate_chat(manager, message="go on", summary_method=None)
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size


def main() -> None:
    """Measure and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    kernel = Kernel(autoload=False)
    seconds(8, 100, kernel)
    print(f"least of {rounds} rounds; Python {sys.version.split()[0]}\n")
    print(f"{'members':>8}{'messages':>10}{'us CPU/message':>16}{'ratio':>8}{'bytes/message':>16}{'ratio':>8}")
    first: tuple[float, float] | None = None
    for members in MEMBERS:
        for length in LENGTHS:
            cost = min(seconds(members, length, kernel) for _ in range(rounds)) / length * 1e6
            size = held(members, length, kernel) / length
            first = first or (cost, size)
            print(f"{members:>8}{length:>10,}{cost:16.2f}{cost / first[0]:8.2f}{size:16.0f}{size / first[1]:8.2f}")
    print(f"{'aim':>18}{AIM:16.0f}")


if __name__ == "__main__":
    main()
