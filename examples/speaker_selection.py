"""Who speaks next is the program's own decision: a function that gives an agent, the name of a method, or None.

Three agents answer by plain functions, so no model is needed. The coder's work is tested; while it fails it goes back to
the coder, then somebody is chosen by chance to say a last word.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from quorate import Agent, ConversableAgent, GroupChat, GroupChatManager

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate import Message

versions = ["def double(x): return x + x + x", "def double(x): return x + x"]


def write(*_: object, **__: object) -> tuple[bool, str]:
    """Write the next version."""
    return True, versions.pop(0) if versions else "It was a pleasure."


def check(recipient: Agent, messages: Sequence[Message], sender: Agent | None, config: Any) -> tuple[bool, str]:
    """Try the version that was written last."""
    del recipient, sender, config
    right = str(messages[-1].get("content")).endswith("return x + x")
    return True, "passed" if right else "failed: double(2) is 6"


coder = ConversableAgent("coder", human_input_mode="NEVER")
tester = ConversableAgent("tester", human_input_mode="NEVER")
coder.register_reply([Agent, None], write)
tester.register_reply([Agent, None], check)
user = ConversableAgent("user", human_input_mode="NEVER", default_auto_reply="Thank you all.")


def next_speaker(last_speaker: Agent, groupchat: GroupChat) -> Agent | str | None:
    """Decide by what was said last."""
    said = str(groupchat.messages[-1].get("content"))
    if last_speaker is user and len(groupchat.messages) == 1:
        return coder
    if last_speaker is coder and said.startswith("def"):
        return tester
    if last_speaker is tester:
        return "random" if said == "passed" else coder
    return None  # the chat is over


group = GroupChat(
    agents=[user, coder, tester],
    messages=[],
    max_round=20,
    speaker_selection_method=next_speaker,
    # The tester's result may not be answered by the tester, also when chance decides.
    allowed_or_disallowed_speaker_transitions={tester: [tester]},
    speaker_transitions_type="disallowed",
)
manager = GroupChatManager(groupchat=group)

chat = user.initiate_chat(manager, message="Write double(x).")

print("Ended because", chat.stop_reason)
if [message.get("content") for message in group.messages][2:5:2] != ["failed: double(2) is 6", "passed"]:
    sys.exit("the second version did not pass")
