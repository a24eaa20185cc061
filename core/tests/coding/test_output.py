"""Bounded output."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.coding import BoundedOutput


def _kept(limit, *pieces):
    output = BoundedOutput(limit)
    for piece in pieces:
        output.add(piece)
    return output.text()


def test_short_output_is_kept_whole():
    assert _kept(10, b"12345", b"67890") == "1234567890"


def test_long_output_keeps_its_two_ends_and_says_how_much_is_missing():
    assert _kept(10, b"abcde", b"." * 95, b"vwxyz") == "abcde\n[... 95 bytes of output left out ...]\nvwxyz"


@settings(database=None)
@given(st.lists(st.binary(max_size=40)), st.integers(2, 60))
def test_the_pieces_in_which_output_comes_make_no_difference(pieces, limit):
    assert _kept(limit, *pieces) == _kept(limit, b"".join(pieces))


def test_a_cut_never_leaves_half_a_character():
    text = _kept(101, ("é" * 1000).encode())
    assert "\ufffd" not in text
    assert text.count("é") > 45


def test_bytes_that_are_no_text_are_replaced():
    assert _kept(100, b"a\xff\xfeb") == "a\ufffd\ufffdb"


@pytest.mark.parametrize(("before", "text"), [(b"", "R\n"), (b"x", "x\nR\n"), (b"x\n", "x\nR\n")])
def test_a_remark_begins_a_line(before, text):
    output = BoundedOutput(100)
    output.add(before)
    output.say("R")
    assert output.text() == text
