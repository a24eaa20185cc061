"""What ``OpenAIWrapper.create`` gives: the shape of OpenAI's chat completion, with 0.2's attributes on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quorate.models import CreateResult


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow", protected_namespaces=())


class Function(_Shape):
    """A function that is called."""

    name: str
    arguments: str


class ToolCall(_Shape):
    """A tool call."""

    id: str = ""
    type: str = "function"
    function: Function


class ChatCompletionMessage(_Shape):
    """An answer."""

    role: str = "assistant"
    content: str | None = None
    function_call: Function | None = None
    tool_calls: list[ToolCall] | None = None


class Choice(_Shape):
    """An answer and why it ended."""

    index: int
    finish_reason: str
    message: ChatCompletionMessage


class CompletionUsage(_Shape):
    """Tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(_Shape):
    """A response.

    Attributes:
        choices: the answers.
        model: the model that answered.
        usage: the tokens; None when the endpoint did not say.
        cost: US dollars; None when the price is not known.
        config_id: the place in the config list of the entry that answered.
        pass_filter: whether ``filter_func`` accepted it; a refused one is given when there is nobody else to ask.
        cached: whether it came from the response cache.
        raw: the endpoint's or the client's own response.
    """

    object: str = "chat.completion"
    choices: list[Choice]
    model: str
    usage: CompletionUsage | None = None
    cost: float | None = None
    config_id: int | None = None
    pass_filter: bool = True
    cached: bool = False
    raw: Any = Field(default=None, exclude=True, repr=False)

    @property
    def message_retrieval_function(self) -> Callable[[ChatCompletion], list[Any]]:
        """What takes the answers out of a response."""
        return retrieved


def retrieved(response: ChatCompletion) -> list[Any]:
    """The answers: a text, or the message where it calls something."""
    messages = [choice.message for choice in response.choices]
    return [one if one.tool_calls or one.function_call else one.content or "" for one in messages]


def completion_of(result: CreateResult, labels: Sequence[str] = (), *, accepted: bool = True) -> ChatCompletion:
    """A result of the core's as a response.

    Args:
        result: the result.
        labels: the configurations that were asked, as attempts name them.
        accepted: whether ``filter_func`` accepted it.
    """
    messages: Sequence[Mapping[str, Any]] = result.choices or (result.message,)
    answered = result.attempts[-1].config if result.attempts else None
    used = result.usage
    return ChatCompletion(
        choices=[
            Choice(index=index, finish_reason=result.finish_reason, message=ChatCompletionMessage.model_validate(one))
            for index, one in enumerate(messages)
        ],
        model=result.model,
        usage=None
        if used is None
        else CompletionUsage(
            prompt_tokens=used.prompt_tokens,
            completion_tokens=used.completion_tokens,
            total_tokens=used.total_tokens,
        ),
        cost=result.cost,
        config_id=labels.index(answered) if answered in labels else None,
        pass_filter=accepted,
        cached=result.cached,
        raw=result.raw,
    )
