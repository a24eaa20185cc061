"""HTML as Markdown, with what the standard library gives: enough for reading, not for showing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Mapping

_SKIPPED = frozenset("script style noscript template svg nav footer iframe".split())
_BLOCKS = frozenset(
    "p div section article main header table tr ul ol li blockquote h1 h2 h3 h4 h5 h6 pre br hr".split()
)
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`"}
_BEFORE = {
    **{f"h{level}": "#" * level + " " for level in range(1, 7)},
    "pre": "```\n",
    "a": "[",
    "td": "| ",
    "th": "| ",
}
_AFTER = {
    **dict.fromkeys(_BLOCKS - {"li", "tr", "ul", "ol"}, "\n\n"),
    "ul": "\n",
    "ol": "\n",
    "pre": "\n```\n\n",
    "td": " ",
    "th": " ",
}
_NO_END = frozenset("br hr img input meta link area base col embed source track wbr".split())


class _Reader(HTMLParser):
    """Writes Markdown as it reads HTML."""

    def __init__(self, url: str | None) -> None:
        super().__init__()
        self.title = ""
        self._url = url
        self._out: list[str] = []
        self._skipped = 0
        self._open: list[str] = []
        self._links: list[str] = []
        self._numbers: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        if tag in _SKIPPED:
            self._skipped += 1
        if self._skipped:
            return
        if tag not in _NO_END:
            self._open.append(tag)
        if tag in _BLOCKS:
            self._out.append("\n" if tag in ("br", "li", "tr") else "\n\n")
        given = dict(attrs)
        if tag in ("ul", "ol"):
            self._numbers.append(0 if tag == "ol" else None)
        elif tag == "a":
            self._links.append(urljoin(self._url or "", given.get("href") or ""))
        elif tag == "img" and given.get("src"):
            self._out.append(f"![{given.get('alt') or ''}]({urljoin(self._url or '', given['src'] or '')})")
        self._out.append(self._bullet() if tag == "li" else self._mark(tag, _BEFORE))

    def handle_endtag(self, tag: str) -> None:
        """End an element; one that was never begun is none."""
        if tag in _SKIPPED:
            self._skipped = max(self._skipped - 1, 0)
        if self._skipped or tag not in self._open:
            return
        while self._open and self._open.pop() != tag:
            pass
        if tag == "a" and self._links:
            link = self._links.pop()
            self._out.append(f"]({link})" if link else "]")
            return
        if tag in ("ul", "ol"):
            self._numbers = self._numbers[:-1]
        self._out.append(self._mark(tag, _AFTER))

    def handle_data(self, data: str) -> None:
        """Take text."""
        if self._skipped:
            return
        if "title" in self._open:
            self.title += data
        elif "pre" in self._open:
            self._out.append(data)
        else:
            self._out.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        """The Markdown so far."""
        lines = "".join(self._out).split("\n")
        fenced, kept = False, list[str]()
        for line in lines:
            fenced ^= line.startswith("```")
            kept.append(line if fenced else line.strip(" "))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()

    def _mark(self, tag: str, marks: Mapping[str, str]) -> str:
        """What Markdown has in the place of a tag; nothing for those that have none, and within code."""
        return marks.get(tag) or ("" if "pre" in self._open else _MARKS.get(tag, ""))

    def _bullet(self) -> str:
        number = self._numbers[-1] if self._numbers else None
        if number is None:
            return "- "
        self._numbers[-1] = number + 1
        return f"{number + 1}. "


def markdown_of(html: str, url: str | None = None) -> str:
    """HTML as Markdown, under its title; scripts, styles, navigation and footers are left out.

    Args:
        html: the document.
        url: where it is from, so that its links become whole.
    """
    reader = _Reader(url)
    reader.feed(html)
    reader.close()
    title = " ".join(reader.title.split())
    text = reader.text()
    return f"# {title}\n\n{text}" if title and not text.startswith(f"# {title}") else text
