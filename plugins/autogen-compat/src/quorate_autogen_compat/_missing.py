"""Names of 0.2's modules that are not here: asking for one says why, and what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def refusing(module: str, missing: Mapping[Any, str]) -> Callable[[str], NoReturn]:
    """The ``__getattr__`` of a module that lacks some of the names that 0.2's has.

    Args:
        module: the module's ``__name__``.
        missing: for each name why it is not here, and what to do instead.

    Returns:
        A function that raises ``ImportError`` for these names, since ``from module import name`` would not tell the
        text of an ``AttributeError``, and ``AttributeError`` for any other.
    """

    def get(name: str) -> NoReturn:
        if name in missing:
            msg = f"AutoGen 0.2's {name} is not part of quorate-autogen-compat: {missing[name]}"
            raise ImportError(msg, name=module)
        msg = f"module {module!r} has no attribute {name!r}"
        raise AttributeError(msg)

    return get
