"""How many tokens text is, and how many a model reads. Counts are estimates on the high side; nothing is downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.config.guards import is_list, is_mapping
from quorate.errors import MessageError
from quorate.models.counting import PER_MESSAGE, estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["count_token", "get_max_token_limit", "num_tokens_from_functions", "percentile_used", "token_left"]

DEFAULT_MODEL = "gpt-3.5-turbo-0613"

LIMITS = {
    "gpt-3.5-turbo": 16_385,
    "gpt-3.5-turbo-0125": 16_385,
    "gpt-3.5-turbo-0301": 4_096,
    "gpt-3.5-turbo-0613": 4_096,
    "gpt-3.5-turbo-1106": 16_385,
    "gpt-3.5-turbo-16k": 16_385,
    "gpt-3.5-turbo-16k-0613": 16_385,
    "gpt-3.5-turbo-instruct": 4_096,
    "gpt-4": 8_192,
    "gpt-4-0125-preview": 128_000,
    "gpt-4-0314": 8_192,
    "gpt-4-0613": 8_192,
    "gpt-4-1106-preview": 128_000,
    "gpt-4-32k": 32_768,
    "gpt-4-32k-0314": 32_768,
    "gpt-4-32k-0613": 32_768,
    "gpt-4-turbo": 128_000,
    "gpt-4-turbo-2024-04-09": 128_000,
    "gpt-4-turbo-preview": 128_000,
    "gpt-4-vision-preview": 128_000,
    "gpt-4o": 128_000,
    "gpt-4o-2024-05-13": 128_000,
    "gpt-4o-2024-08-06": 128_000,
    "gpt-4o-mini": 128_000,
    "gpt-4o-mini-2024-07-18": 128_000,
}
"""Context lengths in tokens of the models that 0.2 knew, as OpenAI's model pages have them."""


class NotCountable(MessageError, TypeError):
    """Something that has no tokens."""


def get_max_token_limit(model: str = DEFAULT_MODEL) -> int:
    """How many tokens a model reads and writes in one call, for a model that 0.2 knew.

    Raises:
        KeyError: another model; its client knows (``agent.client.remaining_tokens``).
    """
    name = model.replace("gpt-35", "gpt-3.5").replace("gpt4", "gpt-4")
    try:
        return LIMITS[name]
    except KeyError:
        msg = f"the context length of {model!r} is not in this table of 0.2's models; ask the model's own client"
        raise KeyError(msg) from None


def percentile_used(input: Any, model: str = DEFAULT_MODEL) -> float:  # noqa: A002 - 0.2's name for it
    """The part of a model's limit that an input takes, by an estimate: 0.5 is half."""
    return count_token(input, model) / get_max_token_limit(model)


def token_left(input: Any, model: str = DEFAULT_MODEL) -> int:  # noqa: A002 - 0.2's name for it
    """What is left of a model's limit beside an input, by an estimate; negative when it is too long."""
    return get_max_token_limit(model) - count_token(input, model)


def count_token(
    input: str | Mapping[str, Any] | Sequence[Any],  # noqa: A002 - 0.2's name for it
    model: str = DEFAULT_MODEL,
) -> int:
    """An estimate of how many tokens a text, a message, or a list of messages is.

    It is too high rather than too low, and the same for every model: for a count as the model's own, ask its client
    (``await client.count_tokens(messages)``), which asks the endpoint where that can tell.

    Args:
        input: the text, the message, or the messages.
        model: not used.

    Raises:
        MessageError: it is none of these; a ``TypeError`` and a ``ValueError`` too.
    """
    del model
    if isinstance(input, str):
        return max(estimate_tokens([{"role": "user", "content": input}]) - 2 * PER_MESSAGE, 0)
    messages: Any = [input] if is_mapping(input) else input
    if not is_list(messages):
        msg = f"tokens are counted of a text, a message or a list of messages, not of {type(input).__name__}"
        raise NotCountable(msg)
    whole: list[Any] = [message if "role" in message else {"role": "user", **message} for message in messages]
    return estimate_tokens(whole)


def num_tokens_from_functions(functions: Sequence[Mapping[str, Any]], model: str = DEFAULT_MODEL) -> int:
    """An estimate of how many tokens the schemas of functions are.

    Args:
        functions: schemas as ``llm_config["functions"]`` lists them.
        model: not used.
    """
    del model
    return estimate_tokens([], functions) - PER_MESSAGE if functions else 0
