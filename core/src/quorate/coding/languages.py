"""What executors know about each language: the command that runs it, the suffix, how a block names its file."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

_HASH: Final = re.compile(r"#[ \t]*filename:(.+)")
_SLASHES: Final = re.compile(r"(?://[ \t]*filename:(.+)|/\*[ \t]*filename:(.+?)\*/)")
_STARS: Final = re.compile(r"/\*[ \t]*filename:(.+?)\*/")
_ANGLES: Final = re.compile(r"<!--[ \t]*filename:(.+?)-->")
_REMARK: Final = re.compile(r"(?:rem[ \t]+|::[ \t]*)filename:(.+)", re.IGNORECASE)

_FIRST_LINES: Final = {
    _HASH: "# filename: {}",
    _SLASHES: "// filename: {}",
    _STARS: "/* filename: {} */",
    _ANGLES: "<!-- filename: {} -->",
    _REMARK: "rem filename: {}",
}


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    Attributes:
        name: what AutoGen 0.2's execution policies call it.
        suffix: of the file that holds the code.
        programs: what can run it, the first one found; none for a language that is only saved.
        arguments: between the program and the file.
        named: finds the file name in the first line of the code.
        run: whether it is run unless an execution policy says otherwise; else it is only saved.
    """

    name: str
    suffix: str
    programs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    named: re.Pattern[str] = _HASH
    run: bool = True

    def file_name(self, code: str) -> str | None:
        """The name that the first line of the code gives its file (``# filename: x``, exactly that word), if any."""
        found = self.named.match(code.partition("\n")[0].strip())
        name = next((name for name in found.groups() if name), "").strip() if found else ""
        return name or None

    def program(self, path: str) -> str | None:
        """The program that runs it, found in ``path`` (folders as in ``PATH``); None when there is none."""
        return next((found for name in self.programs if (found := shutil.which(name, path=path))), None)


_WINDOWS: Final = sys.platform == "win32"

_BY_NAMES: Final[dict[tuple[str, ...], Language]] = {
    # Python's program is the executor's own interpreter, or that of its virtual environment.
    ("python", "py", "python3"): Language("python", ".py", ("python3", "python")),
    # On Windows "shell" is PowerShell, as AutoGen 0.2 has it.
    ("sh",) if _WINDOWS else ("sh", "shell"): Language("sh", ".sh", ("sh",)),
    ("bash",): Language("bash", ".sh", ("bash",)),
    ("javascript", "js"): Language("javascript", ".js", ("node",), (), _SLASHES, run=False),
    ("html",): Language("html", ".html", (), (), _ANGLES, run=False),
    ("css",): Language("css", ".css", (), (), _STARS, run=False),
    ("pwsh", "powershell", "ps1", *["shell"] * _WINDOWS): Language(
        "powershell", ".ps1", ("pwsh", "powershell"), ("-NoProfile", "-File")
    ),
    ("cmd", "bat", "batch"): Language("cmd", ".bat", ("cmd",), ("/d", "/c"), _REMARK),
}

LANGUAGES: Final[dict[str, Language]] = {
    name: language for names, language in _BY_NAMES.items() for name in names if language.name != "cmd" or _WINDOWS
}
"""Every name that a code block may use."""


def named_code(code: str, language: str, filename: str) -> str:
    """The code with a first line that names its file, as its language writes a comment.

    Raises:
        ValueError: the name has more than one line.
    """
    if len(filename.splitlines()) != 1:
        msg = f"a file name has one line, not {filename!r}"
        raise ValueError(msg)
    known = LANGUAGES.get(language.lower())
    return f"{_FIRST_LINES[known.named if known else _HASH].format(filename)}\n{code}"


def language_table(given: Mapping[str, Any]) -> dict[str, Language]:
    """Read languages as users give them: a :class:`Language`, or the command that runs a file of it.

    Raises:
        ValueError: one is neither; says which.
    """
    made: dict[str, Language] = {}
    for name, value in given.items():
        command = [value] if isinstance(value, str) else value
        if isinstance(value, Language):
            made[name.lower()] = value
        elif _is_command(command):
            made[name.lower()] = Language(name.lower(), f".{name.lower()}", (command[0],), tuple(command[1:]))
        else:
            msg = f"languages[{name!r}] is a Language, or the command that runs a file of it, not {value!r}"
            raise ValueError(msg)
    return made


def _is_command(value: object) -> bool:
    if not isinstance(value, Sequence):
        return False
    words = cast("Sequence[object]", value)
    return bool(words) and all(isinstance(word, str) and word for word in words)
