"""A chat ends when its condition is met, and says why."""

from __future__ import annotations

import pytest

from quorate import AgentError
from quorate.stopping import callback, from_json, no_progress, text, turns, wall


@pytest.mark.parametrize("n", [1, 3])
def test_turns(chat, talker, n):
    result = chat(talker("one"), talker("two"), message="hello", stop=turns(n))
    assert len(result.chat_history) == 2 * n
    reason = result.stop_reason
    assert (reason.kind, reason.agent, reason.condition) == ("turns", "two", f"turns({n})")
    assert str(reason) == f"turns({n}): {n} turn{'s are' if n > 1 else ' is'} done"


def test_beside_max_turns_the_first_to_be_met_counts(chat, talker):
    result = chat(talker("one"), talker("two"), message="hello", stop=turns(3), max_turns=2)
    assert (len(result.chat_history), result.stop_reason.kind) == (4, "max_turns")
    result = chat(talker("one"), talker("two"), message="hello", stop=turns(2), max_turns=3)
    assert (len(result.chat_history), result.stop_reason.kind) == (4, "turns")


@pytest.mark.parametrize(
    ("condition", "messages", "kind"),
    [
        (turns(2) | text("two 1"), 2, "text"),
        (turns(2) & text("two 1"), 8, "max_turns"),
        (turns(1) & text("one 2"), 5, "text"),
        (text("two 3") & ~turns(5), 6, "text"),
        (~text("hello"), 2, "text"),
        (turns(1) | turns(2) | turns(3), 2, "turns"),
    ],
)
def test_composed(chat, talker, condition, messages, kind):
    result = chat(talker("one"), talker("two"), message="hello", stop=condition, max_turns=4)
    assert len(result.chat_history) == messages
    if kind != "max_turns":
        assert result.stop_reason.condition == f"{condition} | max_turns(4)" if "|" not in str(condition) else True


def test_a_condition_from_json_does_the_same(chat, talker):
    result = chat(talker("one"), talker("two"), message="hello", stop=from_json({"any": [{"text": "one 1"}]}))
    assert len(result.chat_history) == 3


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("It is 42. TERMINATE", True),
        ("**TERMINATE**", True),
        ("done.\n\n`TERMINATE`.\n", True),
        ("TERMINATE now", False),
        ("UNTERMINATED", False),
        ("terminate", False),
        ("x" * 100_000 + " TERMINATE", True),
        ({"content": [{"type": "text", "text": "done. TERMINATE"}]}, True),
        ("```python\nprint('TERMINATE')\n```", False),
        ("print('TERMINATE')", False),
    ],
)
def test_text_at_the_end_of_a_message(chat, talker, agent, said, ends):
    one = talker("one", is_termination_msg=lambda message: False)
    result = chat(one, talker("two", said), message="hello", stop=text("TERMINATE") | turns(2))
    assert len(result.chat_history) == (2 if ends else 4)
    assert result.stop_reason.kind == ("text" if ends else "turns")


@pytest.mark.parametrize(
    ("phrase", "said", "ends"),
    [
        ("all done", "We are all\n   done!", True),
        ("all done", "We are all undone", False),
        ("终了", "任务完成。终了。", True),
        ("<stop>", "that was it <stop>", True),
        ("###", "the end ###", True),
    ],
)
def test_other_phrases(chat, talker, phrase, said, ends):
    result = chat(talker("one"), talker("two", said), message="hello", stop=text(phrase) | turns(2))
    assert result.stop_reason.kind == ("text" if ends else "turns")


def test_the_opening_message_ends_nothing(chat, talker):
    result = chat(
        talker("one"), talker("two"), message="Solve it, then say TERMINATE", stop=text("TERMINATE") | turns(1)
    )
    assert result.stop_reason.kind == "turns"


def test_code_output_ends_nothing(chat, agent, talker, kernel, tmp_path):
    writer = talker("writer", "```python\nprint('TERMINATE')\n```")
    runner = agent("runner", code_execution_config={"executor": "local", "work_dir": str(tmp_path)})
    result = chat(runner, writer, message="go", stop=text("TERMINATE") | turns(2), max_turns=3)
    assert result.chat_history[2]["content"].endswith("TERMINATE\n")
    assert result.stop_reason.kind == "turns"


def test_callback_sees_every_message_but_the_first(chat, talker):
    seen = []

    def third(message):
        seen.append(message["content"])
        return len(seen) == 3

    result = chat(talker("one"), talker("two"), message="hello", stop=callback(third))
    assert seen == ["two 1", "one 1", "two 2"]
    assert str(result.stop_reason) == "callback(third): the function says so of the last message"


def test_a_callback_that_gives_something_else_is_named(chat, talker):
    with pytest.raises(AgentError, match=r"callback\(<lambda>\) gave None"):
        chat(talker("one"), talker("two"), message="hello", stop=callback(lambda message: None))


def test_no_progress(chat, talker):
    one = talker("one", "And then?", "and  then?", "And then?")
    two = talker("two", "I do not know.", "I do not know.", "I do not know.")
    result = chat(one, two, message="Start.", stop=no_progress(3))
    assert [m["content"] for m in result.chat_history] == [
        "Start.",
        "I do not know.",
        "And then?",
        "I do not know.",
        "and  then?",
        "I do not know.",
    ]
    assert str(result.stop_reason) == "no_progress(3): the last 3 messages said nothing new"


def test_something_new_is_progress(chat, talker):
    one = talker("one", *["continue"] * 20)
    result = chat(one, talker("two"), message="go", stop=no_progress(2) | turns(10))
    assert result.stop_reason.kind == "turns"


def test_a_new_tool_call_is_progress_and_the_same_again_is_none(chat, talker, agent):
    def call(number, argument):
        function = {"name": "look", "arguments": f'{{"at": {argument}}}'}
        return {"content": None, "tool_calls": [{"id": f"c{number}", "type": "function", "function": function}]}

    def hold(*arguments):
        user = agent("user", function_map={"look": lambda at: "nothing"})
        asking = talker("asking", *(call(number, argument) for number, argument in enumerate(arguments)))
        return chat(user, asking, message="go", stop=no_progress(3) | turns(5)).stop_reason.kind

    assert hold(1, 2, 3, 4, 5) == "turns"
    assert hold(1, 1, 1, 1, 1) == "no_progress"


def test_wall_is_looked_at_after_each_message(chat, talker):
    result = chat(talker("one"), talker("two"), message="hello", stop=wall("1ms") | turns(100_000))
    assert result.stop_reason.kind == "wall"
    assert str(result.stop_reason).endswith("the chat has lasted 1ms")


def test_conditions_are_fresh_in_every_chat(chat, talker):
    stop = turns(2) | no_progress(3)
    for _ in range(3):
        result = chat(talker("one"), talker("two"), message="hello", stop=stop)
        assert len(result.chat_history) == 4


def test_the_chat_goes_on_where_it_was_stopped(chat, talker, texts):
    one, two = talker("one"), talker("two")
    chat(one, two, message="hello", stop=turns(1))
    chat(one, two, message="go on", stop=turns(1), clear_history=False)
    assert [message["content"] for message in one.chat_messages[two]] == ["hello", "two 1", "go on", "two 2"]


def test_what_the_agents_decide_ends_a_chat_as_before(chat, talker, agent):
    result = chat(agent("one"), talker("two", "done. TERMINATE"), message="hello", stop=turns(9))
    assert result.stop_reason.kind == "termination_message"
    result = chat(agent("one", max_consecutive_auto_reply=0), talker("two"), message="hello", stop=turns(9))
    assert result.stop_reason.kind == "max_consecutive_auto_reply"
