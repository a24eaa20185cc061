"""Thank-you loops end, in several languages; a polite message that says something else, too, ends nothing."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from quorate.stopping import courtesy_loop, turns
from quorate.stopping.courtesy import is_courtesy, lexicons


@pytest.mark.parametrize(
    "text",
    [
        "Thank you!",
        "You're welcome! If you have any other questions, feel free to ask. Have a great day!",
        "Goodbye! 👋",
        "**Thank you so much for the detailed explanation!**",
        "Vielen Dank für die Hilfe! Freut mich, dass alles geklappt hat.",
        "De rien, bonne journée !",
        "¡Gracias! ¡Igualmente!",
        "不客气, 祝你有美好的一天。",
        "شكرا جزيلا!",
        "Thank you, Bob!",
    ],
)
def test_courtesies(text):
    assert is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Great!",
        "Thank you, now please also compute the median.",
        "Great, next step.",
        "You're welcome to edit the file.",
        "Thanks, but it still fails.",
        "Thank you for waiting, I found three flights.",
        "Good luck is not a strategy.",
        "Thank you! It is 42.",
        "You're welcome.\n```python\nprint(1)\n```",
        "Thanks! Which one is cheaper?",
        "Thank you! " * 100,
        "Danke, jetzt noch die Grafik.",
        "Merci, mais le fichier est vide.",
    ],
)
def test_what_says_something(text):
    assert not is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    [
        "And goodbye?",
        "Thank you for report.csv!",
        "Danke, ich schaue es mir an.",
        "It is on the other side of the street.",
        "We have so much work to do.",
        "谢谢, 我看看。",
    ],
)
def test_common_and_polite_words_alone_make_no_courtesy(text):
    assert not is_courtesy(text)


def test_a_question_counts_beside_a_courtesy_only():
    assert is_courtesy("You're welcome! Is there anything else I can help you with?")
    assert not is_courtesy("Is there anything else I can help you with?")


def test_names_of_those_who_talk_may_be_said():
    assert is_courtesy("Thank you critic_2!", ["critic_2"])
    assert not is_courtesy("Thank you critic_2!")


def test_a_message_takes_no_time_that_grows_beyond_its_length():
    """Words that are in many phrases, repeated: each place is looked at once."""
    assert is_courtesy("thank you so much " * 30)
    assert not is_courtesy("thank you so much " * 30 + "parser")


@pytest.mark.parametrize(
    "entry", sorted(files("quorate.stopping").joinpath("courtesies").iterdir(), key=str), ids=lambda e: e.name
)
def test_a_list_has_what_it_needs(entry):
    data = json.loads(entry.read_text(encoding="utf-8"))
    assert {"phrases", "beside", "openings", "content"} <= data.keys()
    assert all(
        pattern.count("(") == pattern.count(")") for kind in ("phrases", "beside", "openings") for pattern in data[kind]
    )


def test_thirteen_languages():
    assert len(lexicons()) == 13


LOOP = ["It is 42.", "You're welcome! Have a great day!", "Goodbye, take care!", "See you!"]


def test_the_loop_is_ended_after_two_in_a_row(chat, talker, texts):
    user = talker("user", "Thank you so much!", "Thanks, you too!", "Bye!")
    result = chat(user, talker("assistant", *LOOP), message="What is 6 * 7?", stop=courtesy_loop() | turns(9))
    assert texts(result) == ["What is 6 * 7?", "It is 42.", "Thank you so much!", "You're welcome! Have a great day!"]
    assert str(result.stop_reason).endswith("the last two messages are courtesies and nothing else")


def test_one_courtesy_ends_nothing(chat, talker):
    user = talker("user", "Thank you!", "And 7 * 8?", "Thank you!")
    assistant = talker(
        "assistant", "It is 42.", "Shall I go on?", "It is 56.", "You are welcome to ask for more tables."
    )
    result = chat(user, assistant, message="What is 6 * 7?", stop=courtesy_loop() | turns(4))
    assert (len(result.chat_history), result.stop_reason.kind) == (8, "turns")


def test_the_opening_message_and_tools_are_no_courtesies(chat, talker, agent):
    call = {"id": "c", "type": "function", "function": {"name": "greet", "arguments": "{}"}}
    calling = talker("calling", {"content": "Thank you!", "tool_calls": [call]}, "Thank you!")
    user = agent("user", function_map={"greet": lambda: "Thank you!"})
    result = chat(user, calling, message="Thank you!", stop=courtesy_loop() | turns(2))
    assert result.stop_reason.kind == "turns"


def test_two_by_the_same_agent_are_one_side_alone():
    from quorate.stopping.scope import open_scope

    with open_scope(courtesy_loop()) as scope:
        assert scope.said({"content": "Thank you!"}, "a", "model") is None
        assert scope.said({"content": "Thank you!"}, "a", "model") is None
        assert scope.said({"content": "You're welcome!"}, "b", "model").kind == "courtesy_loop"
