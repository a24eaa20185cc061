"""Deciding: one of several choices, by a JSON schema where the endpoint holds a model to it, else by what it wrote."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from quorate.errors import ModelError
from quorate.messages import AssistantMessage, UserMessage, text_of
from quorate.models.client import BaseChatCompletionClient
from quorate.models.failures import Endpoint, bare, excerpt, failure
from quorate.models.wire_json import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.messages import Message
    from quorate.models.client import ChatCompletionClient
    from quorate.models.results import CreateResult

DEMAND = "Answer with exactly one of these lines and nothing else:"
AGAIN = "That is not one of the choices. Copy exactly one of these lines, without a word before or after it:"


async def choose(
    client: ChatCompletionClient, question: str | Sequence[Message], choices: Sequence[str], **params: Any
) -> CreateResult:
    """Have a client choose, with nothing but its ``create``.

    A model that can be held to a JSON schema is, by an ``enum`` of the choices. Where it is not known whether it can,
    that is tried. Otherwise, or when the schema was passed over, the answer must mention exactly one choice; one that
    does not is asked for once more.

    Args:
        client: who chooses.
        question: the question, or a conversation that ends with it.
        choices: the texts to choose from.
        params: request parameters.

    Returns:
        The last answer, with the choice for its content and the usage of all requests.

    Raises:
        ModelError: the choices are no choices (kind ``bad_request``), the endpoint failed, or the answers name none of
            the choices or several (kind ``bad_response``).
        MessageError: something is not a message.
    """
    options = checked(choices)
    try:
        outcome = await _chosen(client, conversation(question), options, params)
    except ModelError as error:
        outcome = bare(error)
    # Here, where no local variable holds what the endpoint sent.
    if isinstance(outcome, ModelError):
        raise outcome
    return outcome


def checked(choices: Sequence[str]) -> tuple[str, ...]:
    """The choices, if there is something to choose from.

    Raises:
        ModelError: there are none, or one of them is no text, empty, or there twice (kind ``bad_request``).
    """
    problem = _problem(choices)
    if problem is not None:
        msg = f"nothing can be decided: {problem}"
        raise ModelError(msg, kind="bad_request")
    return tuple(choices)


def _problem(choices: Sequence[object]) -> str | None:
    if isinstance(choices, str | bytes) or not choices:  # one text is a sequence of texts, too: its characters
        return f"choices is {choices!r:.80}; give a list of texts"
    seen: set[str] = set()
    for index, choice in enumerate(choices):
        if not isinstance(choice, str) or not choice.strip():
            return f"choices[{index}] is {choice!r:.80}; a choice is a text that is not empty"
        if choice.strip() in seen:
            return f"choices[{index}] is {choice!r:.80} for the second time; name each choice once"
        seen.add(choice.strip())
    return None


def conversation(question: str | Sequence[Message]) -> Sequence[Message]:
    """The question as messages."""
    return [UserMessage(question)] if isinstance(question, str) else question


def demanded(messages: Sequence[Message], choices: Sequence[str], demand: str = DEMAND) -> list[Message]:
    """The conversation, at its end the demand for one of the choices; the messages themselves are not changed."""
    told = "\n".join([demand, *choices])
    # One message instead of two of one role in a row: some chat templates take no others.
    if messages and (said := _plain_question(messages[-1])):
        return [*messages[:-1], UserMessage(f"{said}\n\n{told}")]
    return [*messages, UserMessage(told)]


def _plain_question(message: object) -> str:
    """The text of a user's message that has nothing else."""
    if not is_object(message) or message.keys() != {"role", "content"} or message["role"] != "user":
        return ""
    content = message["content"]
    return content if isinstance(content, str) else ""


async def _chosen(
    client: ChatCompletionClient, messages: Sequence[Message], choices: Sequence[str], params: Mapping[str, Any]
) -> CreateResult | ModelError:
    asked = demanded(messages, choices)
    first = await _held(client, asked, choices, params)
    if first is None:
        first = await client.create(asked, **in_words(client), **params)
        _learn(client)
    if (choice := choice_of(first, choices)) is not None:
        return deciding(first, choice)
    said = text_in(first)
    more = [AssistantMessage(said)] if said else []
    second = await client.create(demanded([*asked, *more], choices, AGAIN), **in_words(client), **params)
    if (choice := choice_of(second, choices)) is not None:
        return deciding(_together(first, second), choice)
    return undecided(client, [said, text_in(second)], choices)


async def _held(
    client: ChatCompletionClient, messages: Sequence[Message], choices: Sequence[str], params: Mapping[str, Any]
) -> CreateResult | None:
    """The answer of a model that a schema holds to the choices; None where there is no such thing."""
    can = client.model_info.structured_output
    if can is False:
        return None
    try:
        return await client.create(messages, response_format=schema(choices), **params)
    except ModelError as error:
        if can or error.kind != "bad_request":
            raise
        return None  # it was not known whether it can: asked in words, it shows whether it was that


def in_words(client: ChatCompletionClient) -> dict[str, Any]:
    """What undoes a ``response_format`` of the configuration: it is for answers, and no choice fits it."""
    given = getattr(getattr(client, "config", None), "params", {})
    return {"response_format": {"type": "text"}} if given.get("response_format") is not None else {}


def _learn(client: ChatCompletionClient) -> None:
    """The same request was refused with a schema and answered without: the next one is asked in words at once."""
    if isinstance(client, BaseChatCompletionClient) and client.model_info.structured_output is None:
        client.model_info = replace(client.model_info, structured_output=False)


def schema(choices: Sequence[str]) -> dict[str, Any]:
    """The wire ``response_format`` of an object whose ``choice`` is one of these."""
    shape = {
        "type": "object",
        "properties": {"choice": {"type": "string", "enum": list(choices)}},
        "required": ["choice"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "decision", "schema": shape, "strict": True}}


def choice_of(result: CreateResult, choices: Sequence[str]) -> str | None:
    """The one choice that an answer names: as JSON after :func:`schema`, or in plain text; None when it does not.

    In plain text a choice counts where it stands as it is and as whole words; inside a longer choice that stands there
    it does not count.
    """
    text = text_in(result)
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    named = told.get("choice") if is_object(told) else text
    for choice in choices:
        if named == choice or (isinstance(named, str) and named.strip() == choice.strip()):
            return choice
    mentioned = _mentioned(text, choices)
    return mentioned[0] if len(mentioned) == 1 else None


def _mentioned(text: str, choices: Sequence[str]) -> list[str]:
    places = {
        choice: [found.span() for found in re.finditer(rf"(?<!\w){re.escape(choice.strip())}(?!\w)", text)]
        for choice in choices
    }
    every = [span for spans in places.values() for span in spans]
    return [choice for choice, spans in places.items() if any(not _inside(span, every) for span in spans)]


def _inside(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(other != span and other[0] <= span[0] and span[1] <= other[1] for other in others)


def text_in(result: CreateResult) -> str:
    """What the model said; reasoning that the endpoint did not tell from the answer is none of it."""
    text = result.content if isinstance(result.content, str) else text_of(result.text)
    return text.rpartition("</think>")[2].strip()


def deciding(result: CreateResult, choice: str) -> CreateResult:
    """The result with the choice for its content."""
    return replace(result, content=choice, text=choice, finish_reason="stop", choices=())


def picked(result: CreateResult, choices: Sequence[str]) -> str:
    """The choice that is the content of a result.

    Raises:
        ModelError: it is something else, and the client that gave it broke its promise (kind ``bug``).
    """
    if isinstance(result.content, str) and result.content in choices:
        return result.content
    msg = f"choose gave {result.content!r:.80}, which is none of the choices ({', '.join(choices):.200}); the client is at fault"
    raise ModelError(msg, kind="bug")


def _together(first: CreateResult, second: CreateResult) -> CreateResult:
    """The second result, with what both used and cost."""
    usage = None if first.usage is None or second.usage is None else first.usage + second.usage
    cost = None if first.cost is None or second.cost is None else first.cost + second.cost
    return replace(second, usage=usage, cost=cost, notes=tuple(dict.fromkeys(first.notes + second.notes)))


def settled(client: ChatCompletionClient, result: CreateResult, choices: Sequence[str]) -> CreateResult | ModelError:
    """The result with the choice that it names; the failure, to be raised, when it names none or several.

    For clients that constrain the model themselves: whether it was is looked at.
    """
    choice = choice_of(result, choices)
    return undecided(client, [text_in(result)], choices) if choice is None else deciding(result, choice)


def undecided(client: ChatCompletionClient, answers: Sequence[str], choices: Sequence[str]) -> ModelError:
    """The failure of a client whose answers name no choice, or several."""
    said = ", then ".join(repr(excerpt(answer)) for answer in answers)
    what = f"asked to choose one of {', '.join(choices):.200}, the model answered {said}"
    endpoint = getattr(client, "endpoint", None)
    if isinstance(endpoint, Endpoint):
        advice = {**endpoint.advice, "bad_response": "ask more clearly, or use a model that can be held to a schema"}
        return failure(replace(endpoint, advice=advice), "bad_response", what)
    name = getattr(getattr(client, "config", None), "label", type(client).__name__)
    msg = f"{name}: {what}; ask more clearly, or use a model that can be held to a schema"
    return ModelError(msg, kind="bad_response")
