"""Whether a text ends with a phrase."""

from __future__ import annotations

MARKS = "*_`~\"'.!?,;:\u2019\u2018\u201c\u201d\u00ab\u00bb\u3002\uff01\uff0e\u300d\u300f"
"""What may stand around the phrase: emphasis, quotes, and the end of a sentence. Brackets may be code's."""


def ends_with(text: str, phrase: str) -> bool:
    """Whether the last words of a text are the phrase, whatever quotes and full stops are around it; case counts.

    Only the end of the text is looked at, however long it is.

    Args:
        text: the text.
        phrase: words with one space between them.
    """
    bare = phrase.strip(MARKS)
    end = text[-2 * len(phrase) - 64 :]
    if bare not in end and " " not in bare:  # most messages do not hold the word at all
        return False
    end = " ".join(end.split())
    if not bare:  # a phrase of marks alone is looked for as it is
        return end.endswith(phrase)
    end = end.rstrip(MARKS)
    if not end.endswith(bare):
        return False
    before = end[: -len(bare)][-1:]
    return not before or before.isspace() or before in MARKS or _no_spaces(before) or _no_spaces(bare[0])


def _no_spaces(letter: str) -> bool:
    """Whether a letter is of a script that puts no spaces between words (Chinese, Japanese, Thai, ...)."""
    return "\u3040" <= letter <= "\u9fff" or "\u0e00" <= letter <= "\u0eff" or letter >= "\uf900"
