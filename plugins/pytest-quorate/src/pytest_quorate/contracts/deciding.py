"""Deciding: what comes out is one of the choices, or an error, and nothing is chosen from what is no choice."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_quorate.contracts._driving import driven, opened, refusal
from pytest_quorate.contracts._subject import Subject
from quorate.errors import ModelError

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh

CHOICES = (["apple", "stone"], ["a red apple", "a red apple tree", "stone", *(f"stone number {n}" for n in range(9))])
"""Two, and many, some of them inside others."""

NO_CHOICES: tuple[list[Any], ...] = ([], ["apple", ""], ["apple", "stone", "apple"])


class DecisionTests(Subject, contract=True):
    """``decide`` may be left out of a client that has nothing but the protocol; the kernel decides for it then."""

    @driven
    async def test_decide(self, fresh: Fresh) -> None:
        """``decide(question, choices)`` gives one of the choices; where that is not claimed it may raise a ModelError.

        Why: a speaker is selected by it, and nobody outside the roster can speak.
        Fix: inherit from ``BaseChatCompletionClient``; override ``choose`` where the model can be constrained, and claim
        ``decide`` when it cannot fail.
        """
        client: Any = fresh()
        async with opened(client):
            if not hasattr(client, "decide"):
                assert "decide" not in self.capabilities, "'decide' is claimed, and there is no such method"
                return
            for choices in CHOICES:
                for question in ("Which one is a fruit?", self.messages):
                    try:
                        choice = await client.decide(question, choices)
                    except ModelError:
                        if "decide" in self.capabilities:
                            raise
                    else:
                        assert choice in choices, f"{choice!r} is none of {choices}"

    @driven
    async def test_what_is_no_choice_is_refused(self, fresh: Fresh) -> None:
        """No choices, an empty one, and one that is there twice are refused with the kind ``bad_request``.

        Why: they are mistakes of the program that asks; an answer would hide them.
        Fix: call ``quorate.models.deciding.checked`` before anything else.
        """
        client: Any = fresh()
        async with opened(client):
            for name in ("decide", "choose"):
                for choices in NO_CHOICES if hasattr(client, name) else ():
                    error = await refusal(getattr(client, name)("Which one is a fruit?", choices))
                    assert error is not None, f"{name} took {choices} for choices"
                    assert error.kind == "bad_request"
