"""Answers taken apart: stop texts, reasoning, tool calls; the same whatever the pieces they come in. Needs no torch."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate_hf_local_client._sifting import Sifter, parse_call
from quorate_hf_local_client._text import UpTo

ADD = '<tool_call>\n{"name": "add", "arguments": {"a": 2, "b": 3}}\n</tool_call>'
SUB = '<tool_call>{"name": "sub", "parameters": {}}</tool_call>'


def sift(text: str, size: int, *, tools: bool = True, thinking: bool = False):
    """What is shown in parts of this size, the calls' names, and the thought."""
    sifter = Sifter(tools=tools, thinking=thinking)
    shown = [sifter.push(text[at : at + size]) for at in range(0, len(text), size)]
    shown.append(sifter.flush())
    return "".join(shown), [call["function"]["name"] for call in sifter.calls], sifter.thought


CASES = [
    ("Just text. ", True, False, ("Just text. ", [], "")),
    ("  leading", True, False, ("  leading", [], "")),
    (ADD, True, False, ("", ["add"], "")),
    (f"{ADD}\n{SUB}\n", True, False, ("", ["add", "sub"], "")),
    (f"I add:\n{ADD}", True, False, ("I add:", ["add"], "")),
    (ADD, False, False, (ADD, [], "")),
    ("<tool_call>no json</tool_call>", True, False, ("<tool_call>no json</tool_call>", [], "")),
    ('a <tool_call>{"name": "add"', True, False, ('a <tool_call>{"name": "add"', [], "")),
    ("a < b <tool", True, False, ("a < b <tool", [], "")),
    ("<think>\nhm\n</think>\n\nYes.", False, False, ("Yes.", [], "hm")),
    ("\n<think>hm</think>Yes.", False, False, ("Yes.", [], "hm")),
    ("hm\n</think>\nYes.\n", False, True, ("Yes.\n", [], "hm")),
    ("hm, cut", False, True, ("", [], "hm, cut")),
    ("Write <think> there.", False, False, ("Write <think> there.", [], "")),
    (f"<think>hm</think>\n{ADD}", True, False, ("", ["add"], "hm")),
    ("", True, False, ("", [], "")),
]


@pytest.mark.parametrize(("text", "tools", "thinking", "wanted"), CASES)
def test_an_answer_is_taken_apart(text, tools, thinking, wanted):
    for size in (1, 2, 3, 7, 1000):
        assert sift(text, size, tools=tools, thinking=thinking) == wanted, size


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(st.sampled_from([ADD, SUB, "<think>", "</think>", "<tool_call>", "x", " ", "\n", "<"])))
def test_pieces_do_not_matter(parts):
    text = "".join(parts)
    assert sift(text, 1) == sift(text, len(text) or 1)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", '{"name": 1}', '{"arguments": {}}', '{"name": "f", "arguments": [1]}']
)
def test_what_is_no_call(text):
    assert parse_call(text, "c") is None


def test_a_call_in_wire_format():
    call = parse_call('{"name": "say", "arguments": {"text": "Grüße"}}', "c7")
    assert (call["id"], call["type"]) == ("c7", "function")
    assert call["function"]["name"] == "say"
    assert json.loads(call["function"]["arguments"]) == {"text": "Grüße"}


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_stop_text_ends_the_answer_and_is_not_part_of_it(size):
    up_to = UpTo(("END", "\n\n"))
    text = "a\nEN\n ENEND and more"
    shown = "".join(up_to.push(text[at : at + size]) for at in range(0, len(text), size))
    assert (shown, up_to.found) == ("a\nEN\n EN", True)


def test_what_was_held_back_and_is_no_stop_comes_at_the_end():
    up_to = UpTo(("END",))
    assert (up_to.push("the EN"), up_to.flush(), up_to.found) == ("the ", "EN", False)


def test_the_first_of_several_stop_texts_counts():
    up_to = UpTo(("b", "a"))
    assert up_to.push("xxab") == "xx"
