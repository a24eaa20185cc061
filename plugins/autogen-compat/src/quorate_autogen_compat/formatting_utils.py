"""Coloured text for terminals."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ATTRIBUTES", "COLORS", "HIGHLIGHTS", "RESET", "colored", "cprint"]

_NAMES = "black red green yellow blue magenta cyan light_grey".split()
_BRIGHT = "dark_grey light_red light_green light_yellow light_blue light_magenta light_cyan white".split()

COLORS: dict[str, int] = {
    "grey": 30,
    **{name: 30 + at for at, name in enumerate(_NAMES)},
    **{name: 90 + at for at, name in enumerate(_BRIGHT)},
}
"""ANSI select-graphic-rendition codes (ECMA-48, 8.3.117) of text; the bright ones are aixterm's."""

HIGHLIGHTS: dict[str, int] = {f"on_{name}": code + 10 for name, code in COLORS.items()}
ATTRIBUTES: dict[str, int] = {"bold": 1, "dark": 2, "underline": 4, "blink": 5, "reverse": 7, "concealed": 8}
RESET = "\033[0m"


def colored(
    text: object,
    color: str | None = None,
    on_color: str | None = None,
    attrs: Iterable[str] | None = None,
    *,
    no_color: bool | None = None,
    force_color: bool | None = None,
) -> str:
    """Text in a colour.

    Args:
        text: the text.
        color: one of COLORS.
        on_color: one of HIGHLIGHTS.
        attrs: any of ATTRIBUTES.
        no_color: leave it as it is.
        force_color: colour it also where it is not shown by a terminal.

    Returns:
        The text with escape codes; as it is when ``NO_COLOR`` is set, or standard output is no terminal.

    Raises:
        KeyError: no such colour or attribute.
    """
    codes = [*([COLORS[color]] if color else []), *([HIGHLIGHTS[on_color]] if on_color else [])]
    codes += [ATTRIBUTES[name] for name in attrs or ()]
    if not codes or not _coloured(no_color, force_color):
        return str(text)
    return "".join(f"\033[{code}m" for code in codes) + f"{text}{RESET}"


def cprint(
    text: object,
    color: str | None = None,
    on_color: str | None = None,
    attrs: Iterable[str] | None = None,
    *,
    no_color: bool | None = None,
    force_color: bool | None = None,
    **kwargs: Any,
) -> None:
    """Print text in a colour; further arguments are those of ``print``."""
    shown = colored(text, color, on_color, attrs, no_color=no_color, force_color=force_color)
    print(shown, **kwargs)  # noqa: T201 - this is what it is for


def _coloured(no_color: bool | None, force_color: bool | None) -> bool:
    """As the arguments say, else the environment (https://no-color.org, https://force-color.org), else the terminal."""
    if no_color or force_color:
        return not no_color
    if os.environ.get("NO_COLOR") or os.environ.get("ANSI_COLORS_DISABLED"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and hasattr(sys.stdout, "isatty") and sys.stdout.isatty()
