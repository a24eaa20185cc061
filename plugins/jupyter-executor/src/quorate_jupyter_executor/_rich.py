"""What cells display: its text into the output, images and HTML into files of the work directory."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any, Final

from quorate.coding import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.coding import Run

_FILES: Final = {"image/png": ".png", "image/jpeg": ".jpg", "image/svg+xml": ".svg", "text/html": ".html"}
"""What is saved, the first that there is, with the suffix of its file."""
_BASE64: Final = ("image/png", "image/jpeg")
_TEXTS: Final = ("text/plain", "text/markdown", "text/latex")
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
PREFIX: Final = "output_"
"""How the names of these files begin."""


def show(data: Mapping[str, Any], run: Run) -> None:
    """Put one display's data, by media type, where they belong.

    Raises:
        Refused: a file cannot be saved.
    """
    text = next((_text(data[kind]) for kind in _TEXTS if kind in data), "")
    if text:
        run.output.add(f"{text}\n".encode("utf-8", "replace"))
    for kind, suffix in _FILES.items():
        if kind in data:
            run.output.say(f"Saved as {_save(_text(data[kind]), kind, suffix, run)}")
            return


def traceback_text(lines: list[str]) -> str:
    """A traceback without colours."""
    return _ANSI.sub("", "\n".join(lines)) + "\n"


def _save(text: str, kind: str, suffix: str, run: Run) -> str:
    try:
        content = base64.b64decode(text) if kind in _BASE64 else text.encode("utf-8", "replace")
        return run.folder.save_new(PREFIX, suffix, content)
    except (OSError, binascii.Error) as error:
        msg = f"what the code displayed ({kind}) cannot be saved in the work directory: {error}"
        raise Refused(msg) from error


def _text(value: str | list[str]) -> str:
    """Media are a text or its lines."""
    return value if isinstance(value, str) else "".join(value)
