"""Courtesies that no list has are known by their words; one strange word is borne, two are not."""

from __future__ import annotations

import pytest

from quorate.stopping import courtesy, manners


def sounds(text):
    pieces = courtesy.cut(text)
    return [manners.sounds_courteous(each.words, spaced=pieces.spaced) for each in pieces.tries[-1]]


@pytest.mark.parametrize(
    "text",
    [
        "It was a great pleasure and honour to work with you all on this.",
        "It has been wonderful to talk with you today.",
        "Ich danke dir von Herzen für das schöne Gespräch.",
    ],
)
def test_what_is_worded_with_care(text):
    assert all(sounds(text))
    assert courtesy.is_courtesy(text)


def test_strange_words_are_content():
    assert sounds("It has been wonderful to talk with you today") == [True]
    assert sounds("It has been wonderful to talk with the stethoscope catalogue") == [False]


def test_a_long_sentence_is_left_to_the_lists():
    assert sounds("thank you so much " * 10) == [False]


def test_no_word_is_enough_alone():
    assert sounds("Great! Done. Gedaan.") == [False, False, False]


def test_the_weights_are_small():
    assert 1_000 < len(manners.weights()) < 10_000
    assert manners.weights()[manners.STRANGE] < 0
