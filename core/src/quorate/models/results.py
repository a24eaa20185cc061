"""What a model call gives: the result, its usage, and the attempts it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, cast

from quorate.errors import ConfigError

if TYPE_CHECKING:
    from quorate.errors import FailureKind
    from quorate.messages import Message, ToolCall

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "unknown"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the endpoint counted them.

    Attributes:
        prompt_tokens: tokens read, cached ones included.
        completion_tokens: tokens written, reasoning included.
        cached_tokens: the part of ``prompt_tokens`` read from the endpoint's cache.
        reasoning_tokens: the part of ``completion_tokens`` spent on reasoning.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Tokens read and written."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached_tokens + other.cached_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
        )


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model can do. None means unknown: it is tried, not refused.

    Attributes:
        context_length: tokens that prompt and answer may have together.
        vision: whether it accepts image parts.
        tools: whether it can call tools.
        structured_output: whether it can be held to a JSON schema.
        system_role: whether its chat template accepts a system message.
    """

    context_length: int | None = None
    vision: bool | None = None
    tools: bool | None = None
    structured_output: bool | None = None
    system_role: bool | None = None


def declared_info(info: object, default: ModelInfo, place: str) -> ModelInfo:
    """What a model can do, by the user's word.

    Args:
        info: a ModelInfo, or a mapping of its fields, as 0.4 programs give it: ``function_calling`` means ``tools``, and
            keys that it has beside (``family``, ``json_output``) say nothing to us.
        default: what holds where the mapping says nothing.
        place: where it is declared, for errors.

    Raises:
        ConfigError: it is neither.
    """
    if isinstance(info, ModelInfo):
        return info
    if not isinstance(info, Mapping):
        msg = f"{place}.model_info: must be a dict or a ModelInfo, not {type(info).__name__}"
        raise ConfigError(msg)
    said = cast("Mapping[str, Any]", info)
    known = {each.name: said[each.name] for each in fields(ModelInfo) if each.name in said}
    if "function_calling" in said:
        known.setdefault("tools", said["function_calling"])
    return replace(default, **known)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one configuration.

    Attributes:
        config: which configuration, as people read it: ``config_list[0] (openai, gpt-5)``.
        seconds: how long the try took.
        kind: how it failed; None for the try that answered.
        error: the failure's message; None for the try that answered.
        waited: seconds waited before this try.
        changed: what was done to the prompt for this try, where the whole had been too long; else empty.
    """

    config: str
    seconds: float
    kind: FailureKind | None = None
    error: str | None = None
    waited: float = 0.0
    changed: str = ""


class Restarted(str):  # noqa: SLOT000 - it carries why
    """A part of a stream that says: the answer broke off, what came before is void, and a new answer begins.

    As text it reads so that a person who sees it understands; ``reason`` is why.
    """

    reason: str

    def __new__(cls, reason: str) -> Self:
        """Make the mark."""
        mark = super().__new__(cls, "\n[the answer broke off and begins again]\n")
        mark.reason = reason
        return mark


@dataclass(slots=True)
class CreateResult:
    """The complete answer of one model call.

    Attributes:
        content: the text, or the tool calls when the model asks for some.
        finish_reason: why the model stopped.
        usage: tokens as the endpoint counted them; None when it did not say.
        cost: US dollars; None when the price is not known (*unpriced*), 0.0 only when free by declaration.
        model: the model that answered, as the endpoint names it.
        cached: whether it came from the response cache.
        logprobs: token log probabilities, as the endpoint sent them, when asked for.
        thought: the model's reasoning, when the endpoint gives it.
        text: text that came beside tool calls; for a plain answer the same as ``content``.
        choices: with ``n`` > 1, every answer's message in order; else empty.
        attempts: every try that led here, the successful one last.
        price_source: where ``cost`` is known from, with its date where that has one; None when it is not known.
        notes: what the client changed in the messages before it sent them, and why, to fit the model's chat template.
        raw: the endpoint's own answer, decoded.
    """

    content: str | list[ToolCall]
    finish_reason: FinishReason = "stop"
    usage: Usage | None = None
    cost: float | None = None
    model: str = ""
    cached: bool = False
    logprobs: Any = None
    thought: str | None = None
    text: str | None = None
    choices: tuple[Message, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    price_source: str | None = None
    notes: tuple[str, ...] = ()
    raw: Any = field(default=None, repr=False)

    @property
    def message(self) -> Message:
        """The answer as an assistant message."""
        if isinstance(self.content, str):
            return {"role": "assistant", "content": self.content}
        return {"role": "assistant", "content": self.text, "tool_calls": self.content}
