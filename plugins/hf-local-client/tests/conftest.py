"""Real models for the tests that need torch: the trained tiny one, and small ones made on the spot."""

from __future__ import annotations

import os
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

BESIDE = Path(__file__).parents[2] / "tiny-model" / "src" / "quorate_tiny_model" / "model"

MARKS = ["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>", "<|tool|>"]
SENTENCES = [
    "The quick brown fox jumps over the lazy dog.",
    "What is the weather in Paris?",
    "Grüße aus Köln, 日本語 🌍",
]

PLAIN = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""Takes every role in any order; knows neither names nor tools."""

NAMED = PLAIN.replace("{{ m.content }}", "{% if m.name %}{{ m.name }} says {% endif %}{{ m.content }}")
"""Knows names."""

STRICT = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""No system role, users begin, roles alternate, as in the templates of Gemma and older Mistral models."""

HERMES = (
    "{% if tools %}<|system|>Tools:{% for t in tools %} {{ t | tojson }}{% endfor %}<|end|>{% endif %}"
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% for c in m.tool_calls or [] %}\n<tool_call>\n"
    '{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}\n</tool_call>{% endfor %}'
    "<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""Tools, calls and results, as in the templates of Hermes and Qwen."""

THINKING = PLAIN.replace("<|assistant|>", "<|assistant|><think>")
"""Opens the reasoning itself."""

CALLING = HERMES.replace(
    "<|assistant|>{% endif %}",
    "{{ '<|system|>' if tools and messages[-1].role != 'tool' else '<|assistant|>' }}{% endif %}",
)
"""As HERMES; a prompt in which a call is due ends with another mark, so that a reciting model can tell."""

TEMPLATES = {
    "plain": PLAIN,
    "named": NAMED,
    "strict": STRICT,
    "hermes": HERMES,
    "thinking": THINKING,
    "calling": CALLING,
    "none": None,
}


def tokenizer(template: str | None, pieces: Sequence[str] = (), merges: int = 40):
    """A byte-level tokenizer, trained on a few sentences, in which each piece is one token."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=len(alphabet) + len(MARKS) + merges,
        initial_alphabet=alphabet,
        special_tokens=MARKS,
        show_progress=False,
    )
    made.train_from_iterator(SENTENCES, trainer)
    made.add_tokens([AddedToken(piece, normalized=False) for piece in pieces])
    wrapped = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|end|>", pad_token="<|pad|>")
    wrapped.chat_template = template
    return wrapped


def _config(words, context: int, hidden: int):
    from transformers import LlamaConfig

    return LlamaConfig(
        vocab_size=len(words),
        hidden_size=hidden,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=context,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=None,
        tie_word_embeddings=False,
    )


def save_random(folder: Path, template: str | None, context: int = 512) -> str:
    """Save a model with random weights; gives its folder."""
    import torch
    from transformers import LlamaForCausalLM

    torch.manual_seed(7)
    words = tokenizer(template)
    return _saved(LlamaForCausalLM(_config(words, context, 32)), words, folder)


def _saved(model, words, folder: Path) -> str:
    from transformers.utils import logging

    logging.disable_progress_bar()
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    logging.enable_progress_bar()
    return str(folder)


def reciting_model(
    folder: Path, paths: dict[str, Sequence[str]], template: str, *, context: int, endless: bool = False
) -> str:
    """Save a model that always says the same; gives its folder.

    Its layers add nothing, and its head maps each token to the one that follows, so no token may come twice.

    Args:
        folder: where it is saved.
        paths: for each mark that a prompt can end with, the pieces that follow, each one token or several bytes.
        template: its chat template.
        context: tokens it can hold.
        endless: whether it begins again instead of ending.
    """
    import torch
    from transformers import LlamaForCausalLM

    words = tokenizer(
        template,
        [piece for path in paths.items() for piece in (path[0], *path[1]) if piece.isascii() and piece not in MARKS],
        merges=0,
    )
    size = -(-len(words) // 8) * 8
    model = LlamaForCausalLM(_config(words, context, size))
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        model.model.embed_tokens.weight.copy_(torch.eye(len(words), size))
        model.lm_head.weight.zero_()
        for mark, pieces in paths.items():
            spoken = [token for piece in pieces for token in words.encode(piece, add_special_tokens=False)]
            last = spoken[0] if endless else words.eos_token_id
            for one, following in pairwise([words.convert_tokens_to_ids(mark), *spoken, last]):
                assert not model.lm_head.weight[:, one].any(), f"{words.decode([one])!r} comes twice"
                model.lm_head.weight[following, one] = 1.0
    return _saved(model, words, folder)


@pytest.fixture(scope="session")
def tiny() -> str:
    """The folder of the trained tiny model in Hugging Face format."""
    folder = Path(os.environ.get("QUORATE_TINY_MODEL") or BESIDE)
    if not (folder / "model.safetensors").is_file():
        pytest.skip(f"no model in {folder}; set QUORATE_TINY_MODEL to the folder of the tiny model")
    return str(folder)


@pytest.fixture(scope="session")
def random_model(tmp_path_factory):
    """Makes models with random weights; one for each template and context."""
    made: dict[tuple[str, int], str] = {}

    def make(template: str = "plain", context: int = 512) -> str:
        key = (template, context)
        if key not in made:
            made[key] = save_random(tmp_path_factory.mktemp("random"), TEMPLATES[template], context)
        return made[key]

    return make


@pytest.fixture
def reciting(tmp_path):
    """Makes models that answer every prompt with these pieces."""
    count = iter(range(1000))

    def make(*pieces: str, template: str = "plain", mark: str = "<|assistant|>", context: int = 512, **more) -> str:
        folder = tmp_path / f"reciter-{next(count)}"
        paths = more.pop("paths", {mark: pieces})
        return reciting_model(folder, paths, TEMPLATES[template], context=context, **more)

    return make


@pytest.fixture(scope="session", autouse=True)
def _one_core():
    """Small models are quicker on one core, and the machine may be busy."""
    if find_spec("torch"):
        import torch

        torch.set_num_threads(1)
