"""Telling the shapes that configurations come in apart, with types that checkers follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Collection


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether it is a mapping; its keys are checked where they are read."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Whether it is a list or a tuple."""
    return isinstance(value, list | tuple)


def is_collection(value: object) -> TypeGuard[Collection[Any]]:
    """Whether it holds several values: a list, a tuple or a set, but no text and no mapping."""
    return isinstance(value, list | tuple | set | frozenset)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a number, and no flag."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_text(value: object) -> TypeGuard[str]:
    """Whether it is text."""
    return isinstance(value, str)
