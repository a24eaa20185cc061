"""Members that take messages in their own way, and managers that change what they hand on."""

from __future__ import annotations

import asyncio

import pytest

from quorate import ConversableAgent


class Notes(ConversableAgent):
    """Notes what it receives."""

    def receive(self, message, sender, request_reply=None, silent=False):
        vars(self).setdefault("noted", []).append(message["content"])
        super().receive(message, sender, request_reply, silent)


class NotesLater(ConversableAgent):
    async def a_receive(self, message, sender, request_reply=None, silent=False):
        vars(self).setdefault("noted", []).append(message["content"])
        await super().a_receive(message, sender, request_reply, silent)


class Foreign:
    """An agent of another make: the protocol, and nothing of ours."""

    description = "is foreign"

    def __init__(self, name):
        self.name, self.noted = name, []

    async def a_send(self, message, recipient, request_reply=None, silent=False):
        await recipient.a_receive({"content": message, "name": self.name}, self, request_reply, silent)

    async def a_receive(self, message, sender, request_reply=None, silent=False):
        await asyncio.sleep(0)
        self.noted.append(message["content"])

    async def a_generate_reply(self, messages=None, sender=None, **kwargs):
        return f"{self.name} heard {len(self.noted)}"


@pytest.mark.parametrize("cls", [Notes, NotesLater])
def test_an_overridden_receive_is_handed_each_message_of_others_once(member, group, run, said, cls):
    one, noting, three = member("one"), member("noting", cls=cls), member("three")
    manager = group(one, noting, three, max_round=5)
    run(one.initiate_chat, manager, message="go")
    assert noting.noted == ["go", "three 1", "one 1"]
    assert said(noting.chat_messages[manager]) == said(manager.groupchat.messages)
    assert [one["role"] for one in noting.chat_messages[manager]] == ["user", "assistant", "user", "user", "assistant"]
    run(noting.initiate_chat, manager, message="on", clear_history=False)
    assert said(noting.chat_messages[manager]) == said(manager.groupchat.messages)


def test_one_that_fails_to_take_a_message_gets_it_when_the_chat_goes_on(member, group, run, said):
    one, two, notes = member("one"), member("two"), member("notes", cls=Notes)
    failing = iter([True])
    plain = Notes.receive

    class Fails(Notes):
        def receive(self, message, *rest, **named):
            if next(failing, False):
                raise OSError("full")
            plain(self, message, *rest, **named)

    notes = member("notes", cls=Fails)
    manager = group(one, two, notes, max_round=2)
    with pytest.raises(OSError, match="full"):
        run(one.initiate_chat, manager, message="go")
    run(one.initiate_chat, manager, message="on", clear_history=False)
    assert notes.noted == ["go", "on", "two 1"]
    assert (
        said(notes.chat_messages[manager]) == said(manager.groupchat.messages) == ["one: go", "one: on", "two: two 1"]
    )


def test_agents_of_another_make_take_part(member, group, run, said):
    one, foreign = member("one"), Foreign("foreign")
    manager = group(one, foreign, max_round=4, send_introductions=True)
    run(one.initiate_chat, manager, message="go")
    assert said(manager.groupchat.messages) == [
        "one: go",
        "foreign: foreign heard 2",
        "one: one 1",
        "foreign: foreign heard 3",
    ]
    assert foreign.noted[0].startswith("These take part")
    assert foreign.noted[1:] == ["go", "one 1"]


def test_what_the_manager_s_hooks_make_of_a_message_is_what_members_hear(member, group, run, said):
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(one, two, three, max_round=3)

    def shout(sender, message, recipient, silent):
        assert (sender, silent) == (manager, True)
        return {**message, "content": f"{message['content']} (to {recipient.name})"}

    run(one.initiate_chat, manager, message="go")
    manager.register_hook("process_message_before_send", shout)
    run(one.initiate_chat, manager, message="on", clear_history=False)
    assert said(three.chat_messages[manager])[3:] == ["one: on (to three)", "two: two 2 (to three)", "three: three 2"]
    assert said(manager.groupchat.messages)[3:] == ["one: on", "two: two 2", "three: three 2"]


def test_hooks_of_the_manager_see_what_opens_the_chat(member, group, run, said):
    one, two = member("one"), member("two")
    manager = group(one, two, max_round=2)
    manager.register_hook("process_last_received_message", lambda content: f"{content}!")
    run(one.initiate_chat, manager, message="go")
    for messages in (manager.groupchat.messages, two.chat_messages[manager]):
        assert said(messages) == ["one: go!", "two: two 1"]
