"""Carryover: how the first message tells what earlier chats gave, and message templates with their context."""

from __future__ import annotations

import asyncio

import pytest

from quorate import AgentError, MessageError
from quorate.agents.carryover import with_carryover

IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}


@pytest.mark.parametrize(
    ("message", "carryover", "said"),
    [
        ("hi", None, "hi"),
        ("hi", "", "hi"),
        ("hi", [], "hi"),
        ("hi", ["", ""], "hi"),
        ("hi", "it rains", "hi\nContext: \nit rains"),
        ("hi", ["it rains", 42, {"content": "a message", "role": "user"}, {"k": 1}], "hi\nContext: \nit rains\n42\na message\n{'k': 1}"),
        ("hi", ("a", "b"), "hi\nContext: \na\nb"),
        ({"content": "hi", "name": "n"}, "x", {"content": "hi\nContext: \nx", "name": "n"}),
        ({"content": [IMAGE]}, ["x", "y"], {"content": [{"type": "text", "text": "\nContext: \nx\ny"}, IMAGE]}),
        ({"tool_calls": [{"id": "1"}]}, "x", {"tool_calls": [{"id": "1"}], "content": "\nContext: \nx"}),
        ("hi", [{"content": [{"type": "text", "text": "look: "}, IMAGE]}, "x"], {"content": [{"type": "text", "text": "hi\nContext: \nlook: <image>\nx"}, IMAGE]}),
        ({"content": [{"type": "text", "text": "hi"}]}, [{"content": [IMAGE]}], {"content": [{"type": "text", "text": "\nContext: \n<image>"}, IMAGE, {"type": "text", "text": "hi"}]}),
    ],
)  # fmt: skip
def test_what_is_said(message, carryover, said):
    before = repr((message, carryover))
    assert with_carryover(message, carryover) == said
    assert repr((message, carryover)) == before


def test_a_chat_begins_with_it(agent, run):
    chat = run(agent("one").initiate_chat, agent("two"), message="Go on.", carryover=["a", "b"])
    assert chat.chat_history[0]["content"] == "Go on.\nContext: \na\nb"


def test_a_function_that_makes_the_message_is_told_and_decides(agent, run):
    chat = run(
        agent("one").initiate_chat,
        agent("two"),
        message=lambda sender, recipient, context: f"since {context['carryover'][-1]}, go on",
        carryover=["a", "b"],
    )
    assert chat.chat_history[0]["content"] == "since b, go on"


@pytest.mark.parametrize("carryover", [42, {"content": "x"}, lambda: "x"])
def test_what_cannot_be_carried_over_is_refused_before_the_chat(echo, run, carryover):
    one, two = echo("one"), echo("two")
    run(one.initiate_chat, two, message="kept", max_turns=1)
    with pytest.raises(AgentError, match="carryover is text, or a list of texts, messages and other values, not"):
        run(one.initiate_chat, two, message="hello", carryover=carryover)
    assert len(one.chat_messages[two]) == 2


# -- templates


def test_content_that_is_a_function_is_said_as_what_it_makes(agent, run, texts):
    def plain(context):
        return f"about {context['topic']}"

    async def later(context):
        await asyncio.sleep(0)
        return [{"type": "text", "text": plain(context)}]

    one, two = agent("one"), agent("two")
    run(one.send, {"content": plain, "context": {"topic": "tea"}}, two)
    run(one.initiate_chat, two, message={"content": later, "context": {"topic": "rain"}}, clear_history=False)
    assert texts(two.chat_messages[one]) == ["about tea", [{"type": "text", "text": "about rain"}]]
    assert two.chat_messages[one][0]["context"] == {"topic": "tea"}
    with pytest.raises(MessageError):
        run(one.send, {"content": lambda context: 42}, two)


def templated(thinker, kernel, *script, **options):
    """A model whose configuration allows templates."""
    model, client = thinker("model", *script, **options)
    config = {"model": "m", "client": "model-of-model", "allow_format_str_template": True, **options.pop("more", {})}
    model.client = kernel.chat_client(config)
    return model, client


def test_a_context_fills_templates_at_every_call_and_stays(kernel, thinker, talker, run, texts):
    """In AutoGen 0.2 the first call takes the context out of the history, and the second sees the raw template."""
    model, client = templated(thinker, kernel, "a", "b", system_message="Be {mood}.")
    user = talker("user", "and {mood}?")
    message = {"content": "What is {n} * {n}?", "context": {"n": 7, "mood": "brief"}}
    chat = run(user.initiate_chat, model, message=message, max_turns=2)
    assert texts(client.requests[0].messages) == ["Be brief.", "What is 7 * 7?"]
    assert texts(client.requests[1].messages) == ["Be brief.", "What is 7 * 7?", "a", "and brief?"]
    assert texts(chat.chat_history)[0] == "What is {n} * {n}?"
    assert chat.chat_history[0]["context"] == message["context"]


def test_templates_are_text_where_nothing_allows_them(thinker, talker, run, texts):
    model, client = thinker("model", "a", system_message="{}")
    run(talker("user").initiate_chat, model, message={"content": "{x}", "context": {"x": 1}}, max_turns=1)
    assert texts(client.requests[0].messages) == ["{}", "{x}"]


def test_the_configurations_own_context(kernel, thinker, talker, run, texts):
    model, client = thinker("model", "a", "b", system_message="Be {mood}.")
    config = {"model": "m", "client": "model-of-model", "allow_format_str_template": True, "context": {"mood": "kind"}}
    model.client = kernel.chat_client(config)
    run(talker("user").initiate_chat, model, message="hello", max_turns=1)
    run(talker("user").initiate_chat, model, message={"content": "hi", "context": {"mood": "calm"}}, max_turns=1)
    assert [request.messages[0]["content"] for request in client.requests] == ["Be kind.", "Be calm."]


def test_a_template_that_its_context_does_not_fill_is_named(kernel, thinker, talker, run, texts):
    model, client = templated(thinker, kernel, "a", system_message="")
    user = talker("user")
    with pytest.raises(
        MessageError, match=r"messages\[0\]: the text is no template for its context \['m'\]: KeyError\('n'\)"
    ):
        run(user.initiate_chat, model, message={"content": "{n}", "context": {"m": 1}}, max_turns=1)
    assert client.requests == []
    assert texts(user.chat_messages[model]) == ["{n}"]
