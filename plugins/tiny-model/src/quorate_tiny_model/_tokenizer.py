"""The model's tokenizer: byte-level BPE read from `tokenizer.json`, in plain Python."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_CACHED_WORDS: Final = 4096


def _byte_alphabet() -> list[str]:
    """The character that stands for each byte in a byte-level BPE vocabulary.

    Printable bytes stand for themselves and the others for the characters from U+0100 on, as in
    https://github.com/openai/gpt-2/blob/master/src/encoder.py (`bytes_to_unicode`).
    """
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(spare)) for byte in range(256)]


class Tokenizer:
    """Turns text into token ids and back, exactly as the `tokenizers` library does.

    Special tokens (`<|user|>` and so on) are never found in text: they enter a prompt by
    `special` alone, so what a user types cannot forge the structure of a conversation.
    """

    def __init__(self, path: Path) -> None:
        """Read the vocabulary, the merges and the splitting pattern from a `tokenizer.json`."""
        spec = json.loads(path.read_text(encoding="utf-8"))
        self._ids: dict[str, int] = spec["model"]["vocab"]
        self._ranks = {tuple(pair): rank for rank, pair in enumerate(spec["model"]["merges"])}
        self._whole: bool = spec["model"].get("ignore_merges", False)
        self._special: dict[str, int] = {t["content"]: t["id"] for t in spec["added_tokens"]}
        self._split = re.compile(spec["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"])
        self._alphabet = _byte_alphabet()
        byte_of = {char: byte for byte, char in enumerate(self._alphabet)}
        self._bytes = {
            token_id: bytes(byte_of[char] for char in token)
            for token, token_id in self._ids.items()
            if token not in self._special
        }
        self._cache: dict[str, list[int]] = {}

    def special(self, token: str) -> int:
        """The id of a special token such as `<|user|>`."""
        return self._special[token]

    def encode(self, text: str) -> list[int]:
        """Token ids of a text; special tokens written in it are ordinary characters."""
        return [i for match in self._split.finditer(text) for i in self._word(match.group())]

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """The UTF-8 bytes of token ids, special tokens left out.

        A character may be split over tokens, so the bytes of one token need not be valid UTF-8.
        """
        return b"".join(self._bytes.get(token_id, b"") for token_id in ids)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of token ids, special tokens left out; broken UTF-8 becomes U+FFFD."""
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def _word(self, word: str) -> list[int]:
        ids = self._cache.get(word)
        if ids is None:
            if len(self._cache) >= _CACHED_WORDS:
                self._cache.clear()
            ids = [self._ids[piece] for piece in self._merged(word)]
            self._cache[word] = ids
        return ids

    def _merged(self, word: str) -> list[str]:
        # surrogatepass keeps a lone surrogate (a half of an emoji) from being an error.
        pieces = [self._alphabet[byte] for byte in word.encode("utf-8", "surrogatepass")]
        if self._whole and (whole := "".join(pieces)) in self._ids:
            return [whole]
        while len(pieces) > 1:
            pairs = set(itertools.pairwise(pieces))
            best = min(pairs, key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            pieces = _merge(pieces, best)
        return pieces


def _merge(pieces: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    at = 0
    while at < len(pieces):
        if tuple(pieces[at : at + 2]) == pair:
            merged.append(pair[0] + pair[1])
            at += 2
        else:
            merged.append(pieces[at])
            at += 1
    return merged
