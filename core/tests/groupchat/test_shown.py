"""What a terminal shows of a group chat, and a group inside an agent."""

from __future__ import annotations

import io

from quorate import AssistantAgent, Console, ConversableAgent, ModelInfo, SocietyOfMindAgent
from quorate.events import TextPart

TRANSCRIPT = """\
one (to chat_manager):
go

[chat_manager's model named no next speaker, so two is next in the list: scripted: asked to choose one of one, two, three, the model answered 'nobody', then 'nobody at all'; ask more clearly, or use a model that can be held to a schema]
[next speaker: two]
two (to chat_manager):
two 1

[next speaker: three]
three (to chat_manager):
It is done. TERMINATE

[chat of one and chat_manager ended: chat_manager took a termination message; cost: free]

"""


def test_each_message_is_shown_once_with_who_is_next(kernel, member, group, model):
    shown = io.StringIO()
    kernel.observers.add(Console(shown))
    config, _ = model("nobody", "nobody at all", "three", model_info=ModelInfo(structured_output=False))
    one, two, three = member("one"), member("two"), member("three", "It is done. TERMINATE")
    manager = group(one, two, three, speaker_selection_method="auto", max_round=9, manager={"llm_config": config})
    one.initiate_chat(manager, message="go")
    assert shown.getvalue() == TRANSCRIPT


def test_an_application_gets_the_events_of_a_group_chat(member, group, model):
    config, _ = model("I think so")
    one = member("one")
    thinker = AssistantAgent("thinker", llm_config=config, kernel=one.kernel)
    events = list(one.stream_chat(group(one, thinker, max_round=2), message="go"))
    told = [type(event).__name__ for event in events]
    assert told[:3] == ["ChatStarted", "MessageSent", "SpeakerSelected"]
    assert {event.agent for event in events if isinstance(event, TextPart)} == {"thinker"}
    assert "".join(event.text for event in events if isinstance(event, TextPart)) == "I think so"


def test_a_group_inside_an_agent_is_one_member_to_others(member, group, run, said):
    one, two = member("one"), member("two", "the inner result TERMINATE")
    inner = group(one, two, max_round=9, manager={"name": "inner"})
    society = SocietyOfMindAgent("society", inner, human_input_mode="NEVER", kernel=one.kernel)
    user = member("user")
    outer = group(user, society, max_round=3)
    run(user.initiate_chat, outer, message="go")
    assert said(outer.groupchat.messages) == ["user: go", "society: the inner result", "user: user 1"]
    assert said(inner.groupchat.messages) == ["society: go", "one: one 1", "two: the inner result TERMINATE"]
    assert isinstance(society, ConversableAgent)
