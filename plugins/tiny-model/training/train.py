"""Train the demonstration model on a CPU and save it in Hugging Face format.

    python train.py --out trained

The parameter names and the arithmetic are those of transformers' `Qwen3ForCausalLM`. Matrices
are trained with Muon (https://kellerjordan.github.io/posts/muon/), embeddings and norms with AdamW.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

import build_tokenizer
import tinydata
import torch
from torch import Tensor, nn
from torch.nn import functional as fn
from transformers import Qwen3Config, Qwen3ForCausalLM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

Row = tuple[list[int], list[int]]


def arguments() -> argparse.Namespace:
    """The settings; the defaults are those of the shipped weights."""
    parser = argparse.ArgumentParser(description="Train the demonstration model.")
    parser.add_argument("--out", type=Path, default=Path("trained"))
    parser.add_argument("--steps", type=int, default=1400)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--inner", type=int, default=256)
    parser.add_argument("--vocabulary", type=int, default=2048)
    parser.add_argument("--theta", type=float, default=1000.0)
    parser.add_argument("--adam", type=float, default=3e-3, help="learning rate of AdamW")
    parser.add_argument("--muon", type=float, default=0.02, help="learning rate of Muon")
    parser.add_argument("--constant", type=float, default=0.35, help="part of the steps at full rate")
    parser.add_argument("--batch", type=int, default=32, help="rows of a step")
    parser.add_argument("--length", type=int, default=192, help="tokens of a row")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--save-every", type=int, default=400)
    return parser.parse_args()


def rms(x: Tensor, weight: Tensor) -> Tensor:
    """Root-mean-square normalisation."""
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * weight


class Scale(nn.Module):
    """The weight of a norm."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))


class Attention(nn.Module):
    """Causal self-attention with normalised queries and keys and rotary positions."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.q_norm, self.k_norm = Scale(width // heads), Scale(width // heads)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Mix each position with those before it."""
        batch, length, width = x.shape
        q, k, v = (
            p(x).view(batch, length, self.heads, -1).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj)
        )
        q, k = (_rotate(rms(y, n.weight), cos, sin) for y, n in ((q, self.q_norm), (k, self.k_norm)))
        mixed = fn.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))


def _rotate(y: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = y.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Mlp(nn.Module):
    """The gated feed-forward part of a layer."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.gate_proj, self.up_proj = nn.Linear(width, inner, bias=False), nn.Linear(width, inner, bias=False)
        self.down_proj = nn.Linear(inner, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Work on each position alone."""
        return self.down_proj(fn.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """One decoder layer."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = Scale(options.width), Scale(options.width)
        self.self_attn, self.mlp = Attention(options.width, options.heads), Mlp(options.width, options.inner)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Add what attention and the feed-forward part give."""
        x = x + self.self_attn(rms(x, self.input_layernorm.weight), cos, sin)
        return x + self.mlp(rms(x, self.post_attention_layernorm.weight))


class Trunk(nn.Module):
    """The model up to its last norm; the head is the embedding again."""

    def __init__(self, options: argparse.Namespace, vocabulary: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, options.width)
        self.layers = nn.ModuleList(Layer(options) for _ in range(options.layers))
        self.norm = Scale(options.width)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                std = (
                    0.05
                    if "embed" in name
                    else 0.02
                    if "o_proj" in name or "down" in name
                    else parameter.shape[1] ** -0.5 * 0.5
                )
                nn.init.normal_(parameter, std=std)

    def forward(self, ids: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """From ids (rows, tokens) to hidden states (rows, tokens, width)."""
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x, cos, sin)
        return rms(x, self.norm.weight)


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal by a Newton-Schulz iteration."""

    def __init__(self, parameters: list[nn.Parameter], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """Update every matrix, those of one shape together."""
        for group in self.param_groups:
            shapes: dict[tuple[int, ...], list[tuple[nn.Parameter, Tensor]]] = {}
            for p in group["params"]:
                momentum = self.state[p].setdefault("momentum", torch.zeros_like(p))
                momentum.lerp_(p.grad, 0.05)
                update = p.grad.lerp(momentum, 0.95)
                shapes.setdefault(tuple(sorted(p.shape)), []).append(
                    (p, update if p.shape[0] <= p.shape[1] else update.T)
                )
            for members in shapes.values():
                self._apply(members, group["lr"])

    def _apply(self, members: list[tuple[nn.Parameter, Tensor]], lr: float) -> None:
        x = torch.stack([update for _, update in members])
        x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
        for _ in range(5):
            gram = x @ x.mT
            x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
        for (p, _), update in zip(members, x, strict=True):
            rate = lr * max(1, p.shape[0] / p.shape[1]) ** 0.5
            p.mul_(1 - lr * 0.01).add_(update if p.shape[0] <= p.shape[1] else update.T, alpha=-rate)


def rows(tokenizer: Tokenizer, length: int, r: random.Random) -> Iterator[Row]:
    """Endless rows of packed conversations: token ids, and 1 where the model is trained."""
    while True:
        talks = [tinydata.conversation(r) for _ in range(768)]
        encoded = iter(
            tokenizer.encode_batch(
                [f"<|{role}|>{text}<|end|>" for talk in talks for role, text in talk], add_special_tokens=False
            )
        )
        packed, ids, trained = [], [], []
        for talk in talks:
            new_ids: list[int] = []
            new_trained: list[int] = []
            for role, _ in talk:
                turn = next(encoded).ids
                new_ids += turn
                new_trained += [0] + [int(role == "assistant")] * (len(turn) - 1)
            if ids and len(ids) + min(len(new_ids), 60) > length + 1:  # no room for a useful part
                packed.append(_padded(ids, trained, length + 1))
                ids, trained = [], []
            room = length + 1 - len(ids)
            ids += new_ids[:room]
            trained += new_trained[:room]
        r.shuffle(packed)
        yield from packed


def _padded(ids: list[int], trained: list[int], length: int) -> Row:
    short = [0] * (length - len(ids))
    return ids + short, trained + short


def save(
    trunk: Trunk, tokenizer: PreTrainedTokenizerFast, options: argparse.Namespace, report: dict[str, object]
) -> None:
    """Write the folder that transformers, vLLM and the plugin load."""
    end = tokenizer.convert_tokens_to_ids("<|end|>")
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=options.width,
        intermediate_size=options.inner,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        num_key_value_heads=options.heads,
        head_dim=options.width // options.heads,
        max_position_embeddings=build_tokenizer.CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": options.theta},
        rms_norm_eps=1e-6,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=0,
    )
    model = Qwen3ForCausalLM(config)
    state = {f"model.{name}": tensor for name, tensor in trunk.state_dict().items()}
    missing = model.load_state_dict(state, strict=False)
    if missing.unexpected_keys or set(missing.missing_keys) - {"lm_head.weight"}:
        raise RuntimeError(missing)
    generation = model.generation_config
    generation.do_sample, generation.eos_token_id, generation.pad_token_id, generation.max_new_tokens = (
        False,
        end,
        0,
        192,
    )
    options.out.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(options.out)
    tokenizer.save_pretrained(options.out)
    settings = {key: value for key, value in vars(options).items() if key != "out"}
    (options.out / "train.json").write_text(json.dumps({**settings, **report}, indent=1) + "\n", encoding="utf-8")


def cpu_seconds() -> float:
    """CPU time of this process and its children."""
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def optimizers_of(trunk: Trunk, options: argparse.Namespace) -> list[torch.optim.Optimizer]:
    """Muon for the matrices, AdamW for embeddings and norms."""
    named = list(trunk.named_parameters())
    matrices = [p for name, p in named if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in named if p.ndim != 2 or "embed" in name]
    adam = torch.optim.AdamW(others, lr=options.adam, betas=(0.9, 0.95), weight_decay=0.0)
    return [Muon(matrices, options.muon), adam]


def rate_at(step: int, options: argparse.Namespace) -> float:
    """The part of the full learning rate: a short warm-up, a constant stretch, a linear decay."""
    done = step / options.steps
    decay = 1.0 if done < options.constant else max(0.02, (1 - done) / (1 - options.constant))
    return min(1.0, (step + 1) / 50) * decay


def angles(options: argparse.Namespace) -> tuple[Tensor, Tensor]:
    """Cosine and sine of the rotary positions, shape (tokens, half a head)."""
    size = options.width // options.heads
    turns = torch.arange(options.length)[:, None] / options.theta ** (torch.arange(0, size, 2) / size)
    return turns.cos(), turns.sin()


def loss_of(trunk: Trunk, batch: list[Row], turns: tuple[Tensor, Tensor]) -> Tensor:
    """Cross-entropy of the tokens that the model is trained on."""
    ids = torch.tensor([row for row, _ in batch])
    trained = torch.tensor([marks for _, marks in batch], dtype=torch.bool)[:, 1:]
    hidden = trunk(ids[:, :-1], *turns)[trained]
    return fn.cross_entropy(hidden @ trunk.embed_tokens.weight.T, ids[:, 1:][trained])


def train(trunk: Trunk, tokenizer: PreTrainedTokenizerFast, options: argparse.Namespace) -> None:
    """Train, and save every so often."""
    turns, optimizers = angles(options), optimizers_of(trunk, options)
    rates = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
    draws = random.Random(options.seed + 100)  # noqa: S311 - to be reproducible, not secret
    source = rows(tokenizer.backend_tokenizer, options.length, draws)
    started, smooth = cpu_seconds(), 0.0
    for step in range(options.steps):
        for optimizer, full in zip(optimizers, rates, strict=True):
            optimizer.param_groups[0]["lr"] = full * rate_at(step, options)
        loss = loss_of(trunk, list(itertools.islice(source, options.batch)), turns)
        loss.backward()
        nn.utils.clip_grad_norm_(trunk.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        smooth = loss.item() if step == 0 else 0.97 * smooth + 0.03 * loss.item()
        seconds = round(cpu_seconds() - started)
        if (step + 1) % 20 == 0:
            print(f"step {step + 1} loss {smooth:.4f} cpu {seconds} s", flush=True)
        if (step + 1) % options.save_every == 0 or step + 1 == options.steps:
            report = {"steps_done": step + 1, "loss": round(smooth, 5), "cpu_seconds": seconds}
            save(trunk, tokenizer, options, report)


def main() -> None:
    """Build the tokenizer, train, save."""
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    tokenizer = build_tokenizer.build(options.vocabulary)
    trunk = Trunk(options, len(tokenizer))
    print(f"{len(tokenizer)} tokens, {sum(p.numel() for p in trunk.parameters())} parameters", flush=True)
    train(trunk, tokenizer, options)


if __name__ == "__main__":
    main()
