"""Between a client's calls and the rows of a batch: what is refused, how long an answer may be, what comes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from quorate.errors import ModelError
from quorate.models import CreateResult, ModelInfo, Usage
from quorate_hf_local_client._sifting import CALL
from quorate_hf_local_client._template import Beginning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.messages import Message
    from quorate_hf_local_client._decoding import AnswerRow, ChoiceRow
    from quorate_hf_local_client._parameters import Plan
    from quorate_hf_local_client._shaping import Abilities
    from quorate_hf_local_client._template import Prompt

_ENOUGH = 1024  # tokens of an answer when neither the model nor anyone says how many it may have


def refuse_format(response_format: Any) -> None:
    """Refuse structured output: nothing here holds the model to a schema.

    Raises:
        ModelError: a format other than text was asked for (kind ``bad_request``).
    """
    if response_format is None or (isinstance(response_format, Mapping) and response_format.get("type") == "text"):  # pyright: ignore[reportUnknownMemberType]
        return
    msg = "hf-local cannot hold a model to a response_format; leave it out, or ask for the same model through vLLM"
    raise ModelError(msg, kind="bad_request")


def begun_call(tools: Sequence[Mapping[str, Any]], tool_choice: str) -> Beginning | None:
    """How an answer that must be a tool call begins, as the Hermes form has it; None when it need not be one.

    Raises:
        ModelError: the choice names no tool of these (kind ``bad_request``).
    """
    if tool_choice in ("auto", "none"):
        return None
    names = [str(tool.get("function", {}).get("name")) for tool in tools]
    if tool_choice == "required" and names:
        return Beginning(f'{CALL}\n{{"name": "', f'{names[0]}", "arguments": {{"')
    if tool_choice in names:
        return Beginning(f'{CALL}\n{{"name": {json.dumps(tool_choice)}, "arguments": ', '{"')
    known = ", ".join(names) or "none were given"
    msg = f"tool_choice={tool_choice!r} needs a tool of that name (tools: {known}); use auto, required, none or a tool's name"
    raise ModelError(msg, kind="bad_request")


def room_for(plan: Plan, prompt: int, context: int | None, name: str) -> int:
    """How many tokens an answer may have.

    Args:
        plan: what was asked for.
        prompt: tokens of the prompt.
        context: tokens that prompt and answer may have together; None when it is not known.
        name: what the model is called in errors.

    Raises:
        ModelError: the prompt leaves no room (kind ``context_overflow``); names both numbers.
    """
    rooms: list[int] = []
    for limit, what in ((context, "context holds"), (plan.max_length, "max_length allows")):
        if limit is not None and prompt >= limit:
            msg = f"{name}: the prompt has {prompt} tokens and the model's {what} {limit}; shorten the conversation"
            msg = msg.replace("the model's max_length", "max_length")
            raise ModelError(msg, kind="context_overflow")
        rooms += [limit - prompt] if limit is not None else []
    wanted = [plan.max_new_tokens] if plan.max_new_tokens else []
    return min([*rooms, *wanted], default=_ENOUGH)


def result_of(rows: Sequence[AnswerRow], prompt: Prompt, model: str, batch: int) -> CreateResult:
    """The result that finished rows hold; the first is the answer.

    Its ``raw`` says how many requests were generated together (``batch``).
    """
    first = rows[0]
    messages = tuple(_message(row) for row in rows)
    calls = first.sifter.calls
    return CreateResult(
        content=calls or first.text,
        finish_reason="tool_calls" if calls else "stop" if first.finish == "stop" else "length",
        usage=Usage(len(prompt.ids), sum(row.tokens for row in rows)),
        cost=0.0,
        model=model,
        thought=first.sifter.thought or None,
        text=first.text if first.text or not calls else None,
        choices=messages if len(messages) > 1 else (),
        notes=prompt.notes,
        raw={"batch": batch},
    )


def decision_of(
    choices: Sequence[str], rows: Sequence[ChoiceRow], prompt: Prompt, model: str, batch: int
) -> CreateResult:
    """The result whose content is the most likely choice, by the finished rows that measured them."""
    likelihoods = {choice: row.likelihood for choice, row in zip(choices, rows, strict=True)}
    best = max(choices, key=likelihoods.__getitem__)
    return CreateResult(
        content=best,
        usage=Usage(len(prompt.ids), rows[choices.index(best)].limit),
        cost=0.0,
        model=model,
        text=best,
        notes=prompt.notes,
        raw={"batch": batch, "likelihoods": likelihoods},
    )


def _message(row: AnswerRow) -> Message:
    if row.sifter.calls:
        return {"role": "assistant", "content": row.text or None, "tool_calls": row.sifter.calls}
    return {"role": "assistant", "content": row.text}


def check_calls(result: CreateResult, begun: Beginning | None, name: str) -> None:
    """A call that was required is there.

    Raises:
        ModelError: the model wrote none that can be read (kind ``bad_response``).
    """
    if begun is not None and isinstance(result.content, str):
        msg = f"{name}: a tool call was required, and what the model wrote cannot be read as one: {result.content:.200}"
        raise ModelError(msg, kind="bad_response")


def merged_info(declared: ModelInfo, found: Abilities, context: int | None) -> ModelInfo:
    """What the model can do: what was found out, and what the user declared instead."""
    known = ModelInfo(
        context_length=context,
        vision=False,
        tools=found.tools,
        structured_output=False,
        system_role="system" in found.features,
    )
    said = {each.name: getattr(declared, each.name) for each in fields(declared)}
    return replace(known, **{name: value for name, value in said.items() if value is not None})
