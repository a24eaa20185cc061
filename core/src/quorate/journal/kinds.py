"""The kinds of steps as a journal sees them: a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from quorate.journal import requests, results

if TYPE_CHECKING:
    from quorate.journal.requests import Describe
    from quorate.journal.results import Codec


class Kind(NamedTuple):
    """How steps of one kind are recorded.

    Attributes:
        describe: gives the request as data.
        codec: turns results into data and back.
        whole: whether kernel code is one step all the same; else the steps inside it are recorded, and it runs anew.
        once: whether ``on_interrupted="raise"`` forbids to perform it a second time.
    """

    describe: Describe
    codec: Codec
    whole: bool = True
    once: bool = False


KINDS = {
    "model": Kind(requests.of_model, results.MODEL),
    "tool": Kind(requests.of_data, results.TOOL, once=True),
    "code": Kind(requests.of_data, results.CODE, once=True),
    "human": Kind(requests.of_data, results.PLAIN),
    "choice": Kind(requests.of_data, results.PLAIN),
    "files": Kind(requests.of_data, results.PLAIN),
}

FUNCTION = Kind(requests.of_function, results.PLAIN, whole=False)
"""Any other kind is a function of the program: a reply, a hook, a summary, a choice of a speaker."""


def kind_of(name: str) -> Kind:
    """How steps of this kind are recorded."""
    return KINDS.get(name, FUNCTION)
