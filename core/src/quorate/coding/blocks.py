"""Code in chat text: taking the blocks out, and telling what running them gave.

Fences follow CommonMark 0.31 (https://spec.commonmark.org/0.31.2/#fenced-code-blocks), with changes for text that
models write, most of which AutoGen 0.2 took too: a line that is indented less than its list item does not end the
block; a fence that names a language may be indented by any amount, and may stand at the end of a line of text; fences
inside block quotes are not looked for.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.coding.protocol import CodeBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quorate.coding.protocol import CodeResult

_FENCE = re.compile(r"(?P<mark>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$")
_AFTER_TEXT = re.compile(r"[^`]*[^`\w](?P<mark>`{3,})[ \t]*(?P<info>[A-Za-z][\w+#.-]*)[ \t]*$")
_SINGLE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_CLOSING = re.compile(r"(`{3,}|~{3,})[ \t]*$")
_LIST_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)")
_LANGUAGE = re.compile(r"\{?\s*\.?([^\s{}.,:;=\"'`][^\s{},:;=\"'`]*)")
_MOST_INDENT = 3  # CommonMark: four spaces make an indented code block instead


@dataclass(frozen=True, slots=True)
class _Fence:
    """An open fence: its mark (three or more of one character), its column, its info string; whether it follows text."""

    mark: str
    column: int
    info: str
    loose: bool = False


def extract_code_blocks(text: str, *, detect_single_line_code: bool = False) -> list[CodeBlock]:
    r"""Take the fenced code blocks out of Markdown text, in order.

    A block whose fence is never closed is left out: the text was cut off, and half a program must not run
    (:func:`has_unclosed_block` tells). Blocks with nothing but blanks are left out too. Takes linear time.

    Args:
        text: what the model said; line ends may be ``\n``, ``\r\n`` or ``\r``.
        detect_single_line_code: whether code between single backticks, outside fences, is a block too.

    Returns:
        The blocks. A block without a language gets the one of :func:`infer_language`.
    """
    found: list[CodeBlock] = []
    for fence, lines, closed in _scan(text):
        if fence is None:
            spans = _SINGLE.findall(lines[0]) if detect_single_line_code else ()
            found += [CodeBlock(code, infer_language(code)) for code in map(str.strip, spans) if code]
        elif closed and any(map(str.strip, lines)):
            found.append(_block(fence, lines))
    return found


def has_unclosed_block(text: str) -> bool:
    """Whether the text ends inside a fenced block, as it does when the model was cut off."""
    return any(not closed for _, _, closed in _scan(text))


def infer_language(code: str) -> str:
    """Tell the language of a block that names none: ``"sh"``, ``"python"``, or ``""`` when it cannot be told.

    AutoGen 0.2's rule: commands of pip and python are shell; what Python's parser accepts is Python.
    """
    if re.match(r"\s*(?:pip3?|python3?) ", code):
        return "sh"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ""
    return "python"


def code_reply(result: CodeResult) -> str:
    """Tell the result of running code, in AutoGen 0.2's words; models know this form."""
    outcome = "succeeded" if result.exit_code == 0 else "failed"
    return f"exitcode: {result.exit_code} (execution {outcome})\nCode output: \n{result.output}"


def _block(fence: _Fence, lines: list[str]) -> CodeBlock:
    code = "\n".join(_dedented(line, fence.column) for line in lines)
    named = _LANGUAGE.match(fence.info.strip())
    return CodeBlock(code, named[1].lower() if named else infer_language(code))


def _scan(text: str) -> Iterator[tuple[_Fence | None, list[str], bool]]:
    """Give each fence with its lines and whether it was closed; a line outside of fences comes alone, without one."""
    fence: _Fence | None = None
    lines: list[str] = []
    items: list[int] = []  # columns at which the contents of the open list items begin
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if fence is None:
            fence = _opening(line, items)
            if fence is None:
                yield None, [line], True
        elif _closes(line, fence):
            yield fence, lines, True
            fence, lines = None, []
        elif fence.loose and (other := _opening(line, items)) is not None:
            fence, lines = other, []  # the text only spoke of a fence
        else:
            lines.append(line)
    if fence is not None and not fence.loose:
        yield fence, lines, False


def _opening(line: str, items: list[int]) -> _Fence | None:
    """The fence that this line opens, if it does; keeps ``items`` up to date."""
    column, at = _indent(line, 0, 0)
    if at == len(line):
        return None  # a blank line ends no list item
    while items and items[-1] > column:
        items.pop()
    base = items[-1] if items else 0
    while column - base <= _MOST_INDENT and (marker := _LIST_MARKER.match(line, at)):
        after = column + marker.end() - at
        column, at = _indent(line, marker.end(), after)
        # Five or more blanks after the marker begin an indented code block inside the item.
        base = column if column - after <= _MOST_INDENT + 1 else after + 1
        items.append(base)
    if found := _FENCE.match(line, at):
        shown = column - base > _MOST_INDENT and not found["info"].strip()
        return None if shown else _Fence(found["mark"], column, found["info"])
    found = _AFTER_TEXT.match(line, at)
    return _Fence(found["mark"], column, found["info"], loose=True) if found else None


def _closes(line: str, fence: _Fence) -> bool:
    column, at = _indent(line, 0, 0)
    found = _CLOSING.match(line, at) if column <= fence.column + _MOST_INDENT else None
    return found is not None and found[1].startswith(fence.mark)


def _indent(line: str, at: int, column: int) -> tuple[int, int]:
    """Skip blanks from ``at``; give the column (tab stops of four) and the position where text begins."""
    while at < len(line) and line[at] in " \t":
        column = column + 1 if line[at] == " " else column + 4 - column % 4
        at += 1
    return column, at


def _dedented(line: str, column: int) -> str:
    """The line without its indentation, as far as the fence had one."""
    at = passed = 0
    while at < len(line) and passed < column and line[at] in " \t":
        passed = passed + 1 if line[at] == " " else passed + 4 - passed % 4
        at += 1
    return " " * (passed - column) + line[at:] if passed > column else line[at:]
