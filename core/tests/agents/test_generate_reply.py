"""generate_reply: what is replied to, and what is said when nobody answers."""

from __future__ import annotations

import pytest

from quorate import Agent, AgentError, ConversableAgent

HELLO = [{"role": "user", "content": "hello"}]


def describe(recipient, messages, sender, config):
    said = ", ".join(f"{message['role']}: {message['content']}" for message in messages)
    return True, f"[{said}] from {sender and sender.name}"


@pytest.fixture
def describing(agent):
    made = agent("me")
    made.register_reply([Agent, None], describe)
    return made


def test_the_history_with_the_sender_by_default(describing, agent, run):
    sender = agent("you")
    sender.send("hello", describing)
    describing.send("hi", sender)
    sender.send("how are you?", describing)
    asked = "[user: hello, assistant: hi, user: how are you?] from you"
    assert run(describing.generate_reply, sender=sender) == asked


def test_explicit_messages_win_over_the_history_and_stay_out_of_it(describing, agent, run, texts):
    sender = agent("you")
    sender.send("hello", describing)
    assert (
        run(describing.generate_reply, [{"role": "user", "content": "instead"}], sender) == "[user: instead] from you"
    )
    assert run(describing.generate_reply, messages=HELLO) == "[user: hello] from None"
    assert texts(describing.chat_messages[sender]) == ["hello"]


def test_neither_messages_nor_sender(describing, run):
    with pytest.raises(AgentError, match="me: generate_reply needs messages, a sender, or both"):
        run(describing.generate_reply)


def test_with_a_sender_who_said_nothing(describing, agent, run):
    assert run(describing.generate_reply, sender=agent("you")) == "[] from you"


def test_explicit_messages_reach_the_model_as_they_are(thinker, run):
    asked, model = thinker("a", "answer", system_message="Be brief.")
    history = [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "a"},
        {"role": "user", "content": "r"},
    ]
    before = [dict(message) for message in history]
    assert run(asked.generate_reply, history) == "answer"
    assert history == before
    (request,) = model.requests
    assert [(m["role"], m["content"]) for m in request.messages] == [
        ("system", "Be brief."),
        ("user", "q"),
        ("assistant", "a"),
        ("user", "r"),
    ]


def test_a_prompt_that_asks_for_terminate_is_answered(thinker, run):
    asked, _ = thinker("a", "TERMINATE it is")
    assert (
        run(asked.generate_reply, [{"role": "user", "content": "Your last word must be TERMINATE"}])
        == "TERMINATE it is"
    )


def test_a_person_who_is_always_asked_is_asked_without_a_sender_too(kernel, run):
    class Asked(ConversableAgent):
        prompts = ()

        def get_human_input(self, prompt):
            self.prompts = (*self.prompts, prompt)
            return "no code today"

    code = {"executor": "local", "work_dir": None}
    asked = Asked("me", human_input_mode="ALWAYS", code_execution_config=code, kernel=kernel)
    assert run(asked.generate_reply, [{"role": "user", "content": "```python\nprint(1)\n```"}]) == "no code today"
    (prompt,) = asked.prompts
    assert prompt.startswith("Replying as me. Provide feedback to the sender. Press enter to skip")


@pytest.mark.parametrize("default", ["by default", {"content": "by default", "role": "assistant"}])
def test_the_default_auto_reply(agent, run, default):
    assert run(agent(default_auto_reply=default).generate_reply, HELLO) == default


def test_a_blank_default_reply_says_nothing_and_ends_the_chat(agent, run, texts):
    """AutoGen 0.2 sends it, and two agents send each other blanks until a counter stops them."""
    one, two = agent("one"), agent("two")
    chat = run(one.initiate_chat, two, message="hello")
    assert texts(chat.chat_history) == ["hello"]
    assert (chat.stop_reason.kind, chat.stop_reason.agent) == ("no_reply", "two")


def test_a_default_reply_is_sent_in_a_chat(agent, run, texts):
    one, two = agent("one"), agent("two", default_auto_reply="go on")
    assert texts(run(one.initiate_chat, two, message="hello").chat_history) == ["hello", "go on"]


def test_an_override_is_honoured_by_both_names_and_by_the_chat(kernel, agent, run, texts):
    class Plain(ConversableAgent):
        def generate_reply(self, messages=None, sender=None, **kwargs):
            return "plain override" if len(self.chat_messages[sender]) < 2 else super().generate_reply(messages, sender)

    class Native(ConversableAgent):
        async def a_generate_reply(self, messages=None, sender=None, **kwargs):
            return "native override" if len(self.chat_messages[sender]) < 2 else None

    for cls, said in ((Plain, "plain override"), (Native, "native override")):
        overriding = cls("o", human_input_mode="NEVER", kernel=kernel)
        assert texts(run(agent("a").initiate_chat, overriding, message="hello").chat_history) == ["hello", said]


@pytest.mark.parametrize("name", ["", "  ", 3, None])
def test_a_name_is_text(kernel, name):
    with pytest.raises(AgentError, match="an agent's name is text, and not blank"):
        ConversableAgent(name, kernel=kernel)
