"""The forward pass of a Qwen3 model, in NumPy alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quorate_tiny_model._weights import Array, read_safetensors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FAR_BELOW: Final = np.float32(-1e30)


@dataclass(frozen=True)
class _Layer:
    """The weights of one decoder layer; matrices are ready for `x @ matrix`."""

    norm_in: Array
    qkv: Array
    norm_q: Array
    norm_k: Array
    out: Array
    norm_mlp: Array
    gate_up: Array
    down: Array


class Cache:
    """Keys and values of the tokens seen so far, for one generation.

    Args:
        layers: Number of decoder layers.
        heads: Attention heads of a layer.
        room: Tokens it can hold.
        size: Size of a head.
    """

    def __init__(self, layers: int, heads: int, room: int, size: int) -> None:
        """Reserve room; nothing is computed."""
        self.keys = np.empty((layers, heads, room, size), np.float32)
        self.values = np.empty((layers, heads, room, size), np.float32)
        self.length = 0


class Model:
    """A Qwen3 language model without grouped heads or biases, with tied embeddings.

    The names of the weights and the arithmetic are those of `Qwen3ForCausalLM` in Hugging Face
    transformers. Weights are read-only after construction, so threads may share one model.
    """

    def __init__(self, folder: Path) -> None:
        """Read `config.json` and `model.safetensors` from a folder."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = read_safetensors(folder / "model.safetensors")
        self._heads: int = config["num_attention_heads"]
        self._size: int = config["head_dim"]
        self._eps = np.float32(config["rms_norm_eps"])
        self.end: int = config["eos_token_id"]
        self._embedding = weights["model.embed_tokens.weight"]
        self._norm = weights["model.norm.weight"]
        self._layers = [_layer(weights, i) for i in range(config["num_hidden_layers"])]
        self._frequencies = _frequencies(config)

    def cache(self, room: int) -> Cache:
        """An empty cache with room for this many tokens."""
        return Cache(len(self._layers), self._heads, room, self._size)

    def forward(self, ids: Sequence[int], cache: Cache) -> Array:
        """Read tokens and predict the next one.

        Args:
            ids: The new tokens, at least one.
            cache: What was read before; the new tokens are added to it.

        Returns:
            The logits of the token after the last, shape (vocabulary,).
        """
        turn = self._rotation(cache.length, len(ids))
        x: Array = self._embedding[list(ids)]
        for number, layer in enumerate(self._layers):
            x = x + self._attend(_rms(x, layer.norm_in, self._eps), layer, number, cache, turn)
            x = x + _mlp(_rms(x, layer.norm_mlp, self._eps), layer)
        cache.length += len(ids)
        return _single(self._embedding @ _rms(x[-1], self._norm, self._eps))

    def _attend(self, x: Array, layer: _Layer, number: int, cache: Cache, turn: tuple[Array, Array]) -> Array:
        """Causal attention of the new tokens, shape (tokens, width), to themselves and the past."""
        count, past = len(x), cache.length
        q, k, v = (x @ layer.qkv).reshape(count, 3, self._heads, self._size).transpose(1, 2, 0, 3)
        cache.keys[number, :, past : past + count] = _rotate(_rms(k, layer.norm_k, self._eps), turn)
        cache.values[number, :, past : past + count] = v
        keys = cache.keys[number, :, : past + count]
        scores = _rotate(_rms(q, layer.norm_q, self._eps), turn) @ keys.transpose(0, 2, 1)
        scores *= np.float32(self._size**-0.5)
        if count > 1:
            scores[:, :, past:] += np.triu(np.full((count, count), _FAR_BELOW), 1)
        mixed = _softmax(scores) @ cache.values[number, :, : past + count]
        return _single(mixed.transpose(1, 0, 2).reshape(count, -1) @ layer.out)

    def _rotation(self, past: int, count: int) -> tuple[Array, Array]:
        angles = np.arange(past, past + count)[:, None] * self._frequencies
        angles = np.concatenate([angles, angles], axis=1)
        return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def probability(logits: Array, token: int) -> float:
    """The probability that softmax gives to the most probable token."""
    # Taking that token's logit off first keeps every exponent at or below zero.
    return float(1 / np.exp(logits - logits[token]).sum())


def log_probability(logits: Array, token: int) -> float:
    """The natural logarithm of the probability that softmax gives to a token."""
    top = logits.max()
    return float(logits[token] - top) - float(np.log(np.exp(logits - top).sum()))


def _frequencies(config: dict[str, Any]) -> Array:
    size: int = config["head_dim"]
    theta: float = config["rope_parameters"]["rope_theta"]
    return (theta ** -(np.arange(0, size, 2) / size)).astype(np.float32)


def _layer(weights: dict[str, Array], number: int) -> _Layer:
    def weight(name: str) -> Array:
        return weights[f"model.layers.{number}.{name}.weight"]

    def matrix(*names: str) -> Array:
        return np.ascontiguousarray(np.concatenate([weight(name) for name in names]).T)

    return _Layer(
        norm_in=weight("input_layernorm"),
        qkv=matrix("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
        norm_q=weight("self_attn.q_norm"),
        norm_k=weight("self_attn.k_norm"),
        out=matrix("self_attn.o_proj"),
        norm_mlp=weight("post_attention_layernorm"),
        gate_up=matrix("mlp.gate_proj", "mlp.up_proj"),
        down=matrix("mlp.down_proj"),
    )


def _single(x: Any) -> Array:
    """Say, and make sure, that the precision is single: NumPy's promotion is easily taken to double."""
    return np.asarray(x, np.float32)


def _rms(x: Array, weight: Array, eps: np.float32) -> Array:
    return _single(x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + eps) * weight)


def _rotate(x: Array, turn: tuple[Array, Array]) -> Array:
    half = x.shape[-1] // 2
    cos, sin = turn
    return _single(x * cos + np.concatenate([-x[..., half:], x[..., :half]], axis=-1) * sin)


def _softmax(x: Array) -> Array:
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return _single(weights / weights.sum(axis=-1, keepdims=True))


def _mlp(x: Array, layer: _Layer) -> Array:
    gate, up = np.split(x @ layer.gate_up, 2, axis=-1)
    # Below -60 the sigmoid is 0 in float32; without the bound exp would overflow with a warning.
    return _single((gate / (1 + np.exp(-np.maximum(gate, np.float32(-60)))) * up) @ layer.down)
