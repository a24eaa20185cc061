"""Checks that programs with model clients of their own use."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["should_hide_tools", "validate_parameter"]


def validate_parameter(
    params: Mapping[str, Any],
    param_name: str,
    allowed_types: type | tuple[type, ...],
    allow_None: bool,  # noqa: N803 - 0.2's name
    default_value: Any,
    numerical_bound: tuple[float | None, float | None] | None,
    allowed_values: Sequence[Any] | None,
) -> Any:
    """A parameter of a configuration if it is as it must be, else its default with a warning.

    Args:
        params: the parameters.
        param_name: which one.
        allowed_types: what it may be.
        allow_None: whether it may be None.
        default_value: what to take otherwise.
        numerical_bound: the least and the greatest number, None for no bound.
        allowed_values: the values it may have; None for any.

    Raises:
        TypeError: the values are no list.
    """
    if allowed_values is not None and not isinstance(allowed_values, list):
        msg = f"allowed_values is a list, not {type(allowed_values).__name__}"
        raise TypeError(msg)
    value: Any = params.get(param_name, default_value)
    if value is None and allow_None:
        return value
    fits = isinstance(value, allowed_types) and (allowed_values is None or value in allowed_values)
    if fits and _within(value, *(numerical_bound or (None, None))):
        return value
    warnings.warn(f"{param_name} cannot be {value!r}; {default_value!r} is used", UserWarning, stacklevel=2)
    return default_value


def _within(value: Any, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def should_hide_tools(
    messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]], hide_tools_param: str
) -> bool:
    """Whether a request should leave the tools out, now that some were run.

    Args:
        messages: the conversation in wire format.
        tools: the schemas.
        hide_tools_param: ``if_all_run``, ``if_any_run`` or ``never``.

    Raises:
        TypeError: it is none of these.
    """
    if hide_tools_param not in ("if_all_run", "if_any_run", "never"):
        msg = f"hide_tools_param is if_all_run, if_any_run or never, not {hide_tools_param!r}"
        raise TypeError(msg)
    if hide_tools_param == "never" or not tools:
        return False
    asked = {call["id"]: call["function"]["name"] for one in messages for call in one.get("tool_calls") or ()}
    run = {asked.get(one.get("tool_call_id")) for one in messages if one.get("role") == "tool"}
    names = {tool["function"]["name"] for tool in tools}
    return names <= run if hide_tools_param == "if_all_run" else bool(names & run)
