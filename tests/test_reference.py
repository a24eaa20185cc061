"""The reference has every public name, and the documentation leads to every page."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path
from types import FunctionType, ModuleType

import quorate

DOCS = Path(__file__).parents[1] / "docs"
DIRECTIVE = re.compile(r"^\.\. auto\w+:: (?P<name>\S+)\n(?P<options>(?: +:.*\n)*)", re.MULTILINE)
MEMBERS = re.compile(r":members:(?P<names>.*)")


def described(name: str, options: str) -> list[object]:
    """The objects that one directive of the reference describes."""
    target = pkgutil.resolve_name(name)
    members = MEMBERS.search(options)
    if members is None or not isinstance(target, ModuleType):
        return [target]
    chosen = [getattr(target, one.strip()) for one in members["names"].split(",") if one.strip()]
    return [target, *(chosen or (one for one in vars(target).values() if not imported(one, target)))]


def imported(value: object, module: ModuleType) -> bool:
    """Whether a function or class of a module comes from another one, whose page describes it."""
    return isinstance(value, type | FunctionType) and value.__module__ != module.__name__


def test_every_public_name_is_in_the_reference() -> None:
    pages = [page.read_text(encoding="utf-8") for page in DOCS.glob("reference/*.md")]
    found = [described(*match.groups()) for page in pages for match in DIRECTIVE.finditer(page)]
    there = {id(one) for objects in found for one in objects}  # the same object may have a name in several modules
    assert [name for name in quorate.__all__ if id(getattr(quorate, name)) not in there] == []


def test_every_page_is_in_a_table_of_contents() -> None:
    listed = re.findall(r"^[\w-]+/[\w-]+$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(f"{page.parent.name}/{page.stem}" for page in DOCS.glob("*/*.md"))
