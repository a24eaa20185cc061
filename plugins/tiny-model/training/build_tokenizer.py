"""Build the tokenizer: whole words and phrases of the tasks as tokens, byte-level BPE for the rest.

Digits are single tokens, and a word is split the same way wherever it stands, so that copying an
argument from the question into the code is copying tokens.
"""

from __future__ import annotations

import collections
import json
import random
import re
from pathlib import Path

import tinydata
from tinydata import tools, values
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

SPECIAL = ["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|tool|>", "<|tools|>", "<|cut|>"]
FIXED = [
    tinydata.HELP,
    tinydata.DONE,
    tinydata.FAILED,
    "exitcode: ",
    " (execution succeeded)\nCode output: \n",
    " (execution succeeded)\nCode output: ",
    " (execution succeeded)\nCode output:",
    " (execution failed)\nCode output: \n",
    " (execution failed)\nCode output: ",
    " (execution failed)\nCode output:",
    "\nCode output: ",
    "\nCode output:",
    "Traceback (most recent call last):",
    "```python\n",
    "\n```",
    "```",
    "\nTERMINATE",
    "The answer is ",
    '<tool_call>\n{"name": "',
    '", "arguments": {"',
    "}}\n</tool_call>",
    '": "',
    '", "',
    '": ',
    "', '",
    "['",
    "']",
    ", ",
    ": ",
]
TEMPLATE = Path(__file__).with_name("chat_template.jinja")
CONTEXT = 1024


def code_phrases() -> set[str]:
    """The constant parts of every task's code, cut at digits so that numbers stay digit by digit."""
    parts: set[str] = set()
    for family in tinydata.FAMILIES:
        for constant in re.split(r"\{\w+\}", family.code):
            parts.update(re.split(r"\d", constant))
    return {part for part in parts if len(part) > 1 and not re.fullmatch(r"[ a-z]+", part)}


def common_words(texts: list[str], most: int) -> list[str]:
    """The most frequent words of questions, without those that tasks take as arguments."""
    arguments = {w.lower() for w in [*values.WORDS, *tools.NAMES, *tools.ARGUMENTS]}
    seen = collections.Counter(w for text in texts for w in re.findall(r"[A-Za-z]{2,}", text))
    return [w for w, n in seen.most_common() if w.lower() not in arguments and n >= 12][:most]


def trie(words: list[str]) -> str:
    """A regular expression for these words that a matcher runs through letter by letter."""
    heads: dict[str, list[str]] = collections.defaultdict(list)
    for word in words:
        if word:
            heads[word[0]].append(word[1:])
    options = [head + trie(tails) for head, tails in sorted(heads.items())]
    group = options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"
    if not options:
        return ""
    return f"(?:{group})?" if "" in words else group


def pattern(phrases: list[str], words: list[str]) -> str:
    """How text is split before anything is merged; earlier alternatives win."""
    escaped = [re.sub(r"[.^$*+?{}\[\]\\|()]", r"\\\g<0>", p).replace("\n", "\\n") for p in phrases]
    return "|".join(escaped) + f"| ?{trie(words)}(?![A-Za-z])" + r"|\d|[A-Za-z]+|[^\sA-Za-z\d]|\s"


def byte_level(text: str) -> str:
    """A text in the alphabet of a byte-level vocabulary."""
    splitter = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return "".join(piece for piece, _ in splitter.pre_tokenize_str(text))


def subwords(texts: list[str], size: int) -> Tokenizer:
    """Byte-level BPE of the words that are no tokens of their own."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\d|[A-Za-z]+|[^\sA-Za-z\d]|\s"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False),
    )
    return tokenizer


def build(vocabulary: int = 2048, merges: int = 640, seed: int = 1, sample: int = 20000) -> PreTrainedTokenizerFast:
    """The tokenizer with its chat template; the same for the same arguments.

    Args:
        vocabulary: Tokens in all.
        merges: Tokens of bytes and word pieces among them.
        seed: Of the conversations that are counted.
        sample: How many conversations are counted.
    """
    r = random.Random(seed)  # noqa: S311 - to be reproducible, not secret
    turns = [turn for _ in range(sample) for turn in tinydata.conversation(r)]
    asked = [text for role, text in turns if role == "user" and not text.startswith("exitcode")]
    phrases = sorted({*FIXED, *code_phrases()}, key=lambda p: (-len(p), p))
    words = common_words(asked, 4000)
    known = set(words[:700])
    rare = [w for text in asked for w in re.findall(r"[A-Za-z]+|\d", text) if w not in known]
    spec = json.loads(subwords(rare, merges).to_str())
    vocab = spec["model"]["vocab"]
    for phrase in phrases:
        vocab.setdefault(byte_level(phrase), len(vocab))
    allowed = set(words)
    spaced = collections.Counter(
        f
        for text in asked
        for f in re.findall(r" ?(?<![A-Za-z])[A-Za-z]{2,}(?![A-Za-z])", text)
        if f.strip() in allowed
    )
    chosen = [form for form, _ in spaced.most_common() if byte_level(form) not in vocab][: vocabulary - len(vocab)]
    for form in chosen:
        vocab[byte_level(form)] = len(vocab)
    spec["model"]["ignore_merges"] = True
    rx = pattern(phrases, sorted({form.strip() for form in chosen}))
    spec["pre_tokenizer"]["pretokenizers"][0]["pattern"] = {"Regex": rx}
    spec["decoder"] = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(spec)),
        eos_token="<|end|>",  # noqa: S106 - a token of the model, no password
        pad_token="<|pad|>",  # noqa: S106 - the same
        additional_special_tokens=SPECIAL[2:],
        chat_template=TEMPLATE.read_text(encoding="utf-8").rstrip("\n"),
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )
