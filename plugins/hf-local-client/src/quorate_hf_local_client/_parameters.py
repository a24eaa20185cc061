"""Generation parameters: from the model's defaults, the configuration and the request to one plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quorate.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PLAIN = (
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "seed",
    "stop",
    "n",
)
"""Request parameters under the names that chat completions gives them."""

# To transformers' names: https://huggingface.co/docs/transformers/main_classes/text_generation.
_OTHER_NAMES = {
    "max_tokens": "max_new_tokens",
    "max_completion_tokens": "max_new_tokens",
    "stop": "stop_strings",
    "n": "num_return_sequences",
}
WARPERS = ("temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff")
"""What shapes the distribution that a sampled answer is drawn from, in transformers' order."""

_OURS = (*WARPERS, "max_new_tokens", "max_length", "stop_strings", "num_return_sequences", "do_sample", "seed")
# Processors of transformers that see whole rows, the padding of a batch included: such requests run alone.
_THEIRS = (
    "repetition_penalty",
    "no_repeat_ngram_size",
    "min_length",
    "min_new_tokens",
    "bad_words_ids",
    "suppress_tokens",
    "begin_suppress_tokens",
    "sequence_bias",
    "exponential_decay_length_penalty",
    "forced_eos_token_id",
    "renormalize_logits",
    "remove_invalid_values",
    "use_cache",
    "cache_implementation",
)
_HARMLESS = {
    "parallel_tool_calls": True,
    "num_beams": 1,
    "num_beam_groups": 1,
    "early_stopping": False,
    "length_penalty": 1.0,
}
_NEUTRAL = {"repetition_penalty": 1.0, "no_repeat_ngram_size": 0, "min_length": 0, "use_cache": True}

_NUMBER = (int, float)
_ANYTHING: tuple[tuple[type, ...], Callable[[Any], bool], str] = ((object,), lambda _: True, "")
_RULES: Mapping[str, tuple[tuple[type, ...], Callable[[Any], bool], str]] = {
    "do_sample": ((bool,), lambda _: True, "true or false"),
    "temperature": (_NUMBER, lambda value: 0 <= value < 100, "a number from 0"),
    "top_p": (_NUMBER, lambda value: 0 < value <= 1, "a number above 0, at most 1"),
    "min_p": (_NUMBER, lambda value: 0 <= value <= 1, "a number from 0 to 1"),
    "top_k": ((int,), lambda value: value >= 0, "a whole number, 0 (all tokens) or more"),
    "typical_p": (_NUMBER, lambda value: 0 < value <= 1, "a number above 0, at most 1"),
    "epsilon_cutoff": (_NUMBER, lambda value: 0 <= value < 1, "a number from 0, below 1"),
    "eta_cutoff": (_NUMBER, lambda value: 0 <= value < 1, "a number from 0, below 1"),
    "max_new_tokens": ((int,), lambda value: value >= 1, "a whole number above 0"),
    "max_length": ((int,), lambda value: value >= 1, "a whole number above 0"),
    "num_return_sequences": ((int,), lambda value: value >= 1, "a whole number above 0"),
    "seed": ((int,), lambda value: abs(value) < 2**63, "a whole number of 63 bits"),
    "stop_strings": ((list, tuple), lambda value: all(isinstance(s, str) and s for s in value), "texts, none empty"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How an answer is generated.

    Attributes:
        max_new_tokens: tokens that it may have; None for as many as the context holds.
        max_length: tokens that prompt and answer may have together; None for the context.
        n: how many answers.
        stop: texts that end it and are not part of it.
        warpers: how the distribution is shaped before a token is drawn; None to take the most probable token.
        seed: makes what is drawn repeatable.
        others: further fields of transformers' ``GenerationConfig``.
    """

    max_new_tokens: int | None = None
    max_length: int | None = None
    n: int = 1
    stop: tuple[str, ...] = ()
    warpers: Mapping[str, float] | None = None
    seed: int | None = None
    others: Mapping[str, Any] = field(default_factory=dict[str, Any])


def plan_of(defaults: Mapping[str, Any], layers: Iterable[Mapping[str, Any]]) -> Plan:
    """One plan from several layers of parameters; a later layer wins.

    Without a word on sampling the model's own defaults decide; a temperature of 0 means the most probable token
    always, and any other ``temperature``, ``top_p``, ``top_k`` or ``min_p`` that somebody gave means sampling.

    Args:
        defaults: the model's ``generation_config.json``; what this client does not do is left out of it.
        layers: parameters of the configuration and the request, under either name.

    Raises:
        ModelError: a parameter is not known, or has a value that cannot be used (kind ``bad_request``).
    """
    usable = (*_OURS, *_THEIRS)
    merged = {key: value for key, value in defaults.items() if key in usable and value is not None}
    # A default length of the checkpoint's limits the answer of a program that asked for none; 20 is no choice of its.
    merged.pop("max_length", None)
    for layer in layers:
        _lay(merged, _renamed(layer))
    sampled = bool(merged.get("do_sample")) and merged.get("temperature", 1.0) != 0
    return Plan(
        max_new_tokens=merged.get("max_new_tokens"),
        max_length=merged.get("max_length"),
        n=merged.get("num_return_sequences", 1),
        stop=tuple(merged.get("stop_strings", ())),
        warpers={key: merged[key] for key in WARPERS if key in merged} if sampled else None,
        seed=merged.get("seed"),
        others={key: merged[key] for key in _THEIRS if key in merged and merged[key] != _NEUTRAL.get(key)},
    )


def _lay(merged: dict[str, Any], layer: Mapping[str, Any]) -> None:
    if "do_sample" not in layer and layer.keys() & {"temperature", "top_p", "top_k", "min_p"}:
        merged["do_sample"] = layer.get("temperature", 1) != 0
    for one, other in (("max_new_tokens", "max_length"), ("max_length", "max_new_tokens")):
        if one in layer and other not in layer:
            merged.pop(other, None)
    merged.update(layer)


def _renamed(layer: Mapping[str, Any]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for key, value in layer.items():
        name = _OTHER_NAMES.get(key, key)
        if value is None or key == "stream" or (key in _HARMLESS and value == _HARMLESS[key]):
            continue
        if name not in _OURS and name not in _THEIRS:
            msg = (
                f"{key}={value!r:.40}: hf-local has no such parameter; it has {', '.join(PLAIN)}, and under params "
                f"those of transformers' generate() that choose one token after the other"
            )
            raise ModelError(msg, kind="bad_request")
        renamed[name] = _checked(key, name, [value] if name == "stop_strings" and isinstance(value, str) else value)
    return renamed


def _checked(key: str, name: str, value: Any) -> Any:
    types, fits, wanted = _RULES.get(name, _ANYTHING)
    wrong_bool = isinstance(value, bool) and bool not in types and object not in types
    if wrong_bool or not isinstance(value, types) or not fits(value):
        msg = f"{key}={value!r:.80}: must be {wanted}"
        raise ModelError(msg, kind="bad_request")
    return value
