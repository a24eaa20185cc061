"""Reading files and pages, and cutting them into chunks that fit a model."""

from __future__ import annotations

import importlib
import re
import urllib.request
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from quorate.errors import ConfigError, ConfigWarning, MissingDependency
from quorate_autogen_compat._html import markdown_of
from quorate_autogen_compat._missing import refusing
from quorate_autogen_compat.token_count_utils import count_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "TEXT_FORMATS",
    "UNSTRUCTURED_FORMATS",
    "VALID_CHUNK_MODES",
    "extract_text_from_pdf",
    "get_file_from_url",
    "get_files_from_dir",
    "is_url",
    "parse_html_to_markdown",
    "split_files_to_chunks",
    "split_text_to_chunks",
]

TEXT_FORMATS = "htm html ini json jsonl log md org pdf rst rtf tex tsv csv txt xml yaml yml".split()
"""Suffixes of files that are read."""
UNSTRUCTURED_FORMATS: list[str] = []
"""Suffixes of files that a further library would read: none."""
VALID_CHUNK_MODES = frozenset({"one_line", "multi_lines"})

_STORES = "any vector store can stand behind a tool or a hook: split here, then store and look up with its own library"
MISSING = dict.fromkeys(("create_vector_db_from_dir", "query_vector_db"), _STORES)

__getattr__ = refusing(__name__, MISSING)

_SECONDS = 30.0
_LARGEST = 64 * 2**20


class NoChunks(ConfigError, AssertionError):
    """Text cannot be cut so; an ``AssertionError`` too."""


def split_text_to_chunks(
    text: str,
    max_tokens: int = 4000,
    chunk_mode: str = "multi_lines",
    must_break_at_empty_line: bool = True,
    overlap: int = 0,
) -> list[str]:
    """Cut text into chunks of lines. Nothing is left out, and a line that is too long is cut by itself.

    Args:
        text: the text.
        max_tokens: how many tokens a chunk may have, by an estimate on the high side.
        chunk_mode: ``multi_lines``, as many lines as fit; or ``one_line``, each line that is not blank by itself.
        must_break_at_empty_line: whether a chunk ends at an empty line, where it has one.
        overlap: how many of the last lines of a chunk the next one begins with.

    Raises:
        ConfigError: an argument cannot be used; an ``AssertionError`` too.
    """
    if chunk_mode not in VALID_CHUNK_MODES:
        msg = f"split_text_to_chunks: chunk_mode is one of {', '.join(sorted(VALID_CHUNK_MODES))}, not {chunk_mode!r}"
        raise NoChunks(msg)
    if max_tokens < 1 or overlap < 0:
        msg = f"split_text_to_chunks: max_tokens is 1 or more and overlap 0 or more, not {max_tokens} and {overlap}"
        raise NoChunks(msg)
    lines = [piece for line in text.split("\n") for piece in _fitting(line, max_tokens)]
    if chunk_mode == "one_line":
        return [line for line in lines if line.strip()]
    return list(_chunks(lines, max_tokens, overlap, at_empty=must_break_at_empty_line))


def _chunks(lines: list[str], max_tokens: int, overlap: int, *, at_empty: bool) -> Iterator[str]:
    sizes = [count_token(f"{line}\n") for line in lines]
    begin = 0
    while begin < len(lines):
        end, size = begin, 0
        while end < len(lines) and (end == begin or size + sizes[end] <= max_tokens):
            size += sizes[end]
            end += 1
        if at_empty and end < len(lines):
            empty = [at for at in range(begin + 1, end) if not lines[at].strip()]
            end = empty[-1] + 1 if empty else end
        if any(map(str.strip, lines[begin:end])):
            yield "\n".join(lines[begin:end]).strip("\n")
        begin = max(end - overlap, begin + 1) if end < len(lines) else end


def _fitting(line: str, max_tokens: int) -> Iterator[str]:
    """The pieces of a line, each of which is few enough tokens; cut at blanks where there are some."""
    while count_token(line) > max_tokens and len(line) > 1:
        at = max(len(line) * max_tokens // count_token(line), 1)
        while at > 1 and count_token(line[:at]) > max_tokens:
            at -= max(at // 16, 1)
        at = line.rfind(" ", 1, at) if line.rfind(" ", 1, at) > at // 2 else at
        yield line[:at]
        line = line[at:].removeprefix(" ")
    yield line


def extract_text_from_pdf(file: str | Path) -> str:
    """The text of a PDF file.

    Raises:
        MissingDependency: pypdf is not installed.
    """
    try:
        pypdf: Any = importlib.import_module("pypdf")
    except ImportError as error:
        msg = f"{file}: reading PDF files needs pypdf: pip install pypdf"
        raise MissingDependency(msg) from error
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(file).pages)


def split_files_to_chunks(
    files: Sequence[str | Path | tuple[str, str]],
    max_tokens: int = 4000,
    chunk_mode: str = "multi_lines",
    must_break_at_empty_line: bool = True,
    custom_text_split_function: Callable[[str], list[str]] | None = None,
) -> tuple[list[str], list[dict[str, str]]]:
    """Cut files into chunks.

    Args:
        files: their paths; a pair is a path, and the source to name in its place.
        max_tokens: see :func:`split_text_to_chunks`, as for the next two.
        chunk_mode: see there.
        must_break_at_empty_line: see there.
        custom_text_split_function: cuts a text, in the place of that function.

    Returns:
        The chunks, and for each its source.

    Raises:
        OSError: a file cannot be read.
    """
    chunks: list[str] = []
    sources: list[dict[str, str]] = []
    for file in files:
        path, source = file if isinstance(file, tuple) else (str(file), str(file))
        text = _text(Path(path))
        if not text.strip():
            warnings.warn(f"{path}: there is no text in it", ConfigWarning, stacklevel=2)
            continue
        made = (
            custom_text_split_function(text)
            if custom_text_split_function is not None
            else split_text_to_chunks(text, max_tokens, chunk_mode, must_break_at_empty_line)
        )
        chunks += made
        sources += [{"source": source}] * len(made)
    return chunks, sources


def _text(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        return extract_text_from_pdf(path)
    text = path.read_text(encoding="utf-8", errors="replace")
    return markdown_of(text) if suffix in (".htm", ".html") else text


def get_files_from_dir(
    dir_path: str | Path | Sequence[str | Path], types: Sequence[str] | str = TEXT_FORMATS, recursive: bool = True
) -> list[Any]:
    """The files of a folder.

    Args:
        dir_path: a folder, a file, the URL of a page, or a list of these. A page is saved first.
        types: suffixes of the files to take; ``all`` takes any.
        recursive: whether folders in it count, too.

    Returns:
        Paths; for a page, the path where it is saved, and its URL.

    Raises:
        FileNotFoundError: one of them is not there.
    """
    if isinstance(dir_path, list | tuple):
        return [file for one in dir_path for file in get_files_from_dir(one, types, recursive)]
    if is_url(str(dir_path)):
        return [get_file_from_url(str(dir_path))]
    path = Path(str(dir_path))
    if path.is_file():
        return [str(path)] if _taken(path, types) else []
    if not path.is_dir():
        msg = f"{path}: there is no such file or folder"
        raise FileNotFoundError(msg)
    found = path.rglob("*") if recursive else path.glob("*")
    return sorted(str(file) for file in found if file.is_file() and _taken(file, types))


def _taken(path: Path, types: Sequence[str] | str) -> bool:
    return types == "all" or "all" in types or path.suffix.lower().removeprefix(".") in types


def is_url(string: str) -> bool:
    """Whether a text is the address of a page."""
    try:
        parts = urlsplit(string)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def get_file_from_url(url: str, save_path: str | None = None) -> tuple[str, str]:
    """Save a page or a file of the web; a page is saved as Markdown.

    Args:
        url: its address, ``http`` or ``https``.
        save_path: where to save it; a file named after it in ``tmp`` by default.

    Returns:
        The path where it is saved, and its URL.

    Raises:
        ConfigError: it is no such address, or larger than 64 MiB.
        OSError: it cannot be had, or not be saved.
    """
    if not is_url(url):
        msg = f"{url!r}: must be an http or https address"
        raise ConfigError(msg)
    request = urllib.request.Request(url, headers={"User-Agent": "quorate"})  # noqa: S310 - http and https only
    with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310 - the same
        is_page = "html" in response.headers.get_content_type()
        charset = response.headers.get_content_charset() or "utf-8"
        data: bytes = response.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        msg = f"{url}: is larger than {_LARGEST // 2**20} MiB; save it by other means, and give its path"
        raise ConfigError(msg)
    path = Path(save_path) if save_path is not None else Path("tmp") / _name(url, is_page=is_page)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(markdown_of(data.decode(charset, "replace"), url).encode() if is_page else data)
    return str(path), url


def _name(url: str, *, is_page: bool) -> str:
    parts = urlsplit(url)
    name = re.sub(r"[^\w.-]+", "_", unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.netloc).lstrip(".")
    return f"{name.removesuffix('.html').removesuffix('.htm')}.md" if is_page else name or "file"


def parse_html_to_markdown(html: str, url: str | None = None) -> str:
    """HTML as Markdown, under its title; ``url`` makes its links whole."""
    return markdown_of(html, url)
