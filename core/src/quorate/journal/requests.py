"""What a step asks for, as JSON data: by it a journal tells whether a program still does what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any, TypeAlias, cast

Request: TypeAlias = dict[str, Any]
Describe: TypeAlias = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Request]


def described(value: Any) -> Any:
    """A value as JSON data; an object of the program's own is named by its type alone, an agent by its name."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else repr(value)  # infinities and NaN are no JSON
    if isinstance(value, Mapping):
        return {str(key): described(each) for key, each in cast("Any", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [described(each) for each in cast("Any", value)]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: described(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, type) and hasattr(value, "model_json_schema"):  # a pydantic class, as a response format
        return cast("Any", value).model_json_schema()
    return _named(value)


def _named(value: Any) -> dict[str, str]:
    return {"agent": value.name} if _is_agent(value) else {"object": type(value).__qualname__}


def of_model(_func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
    """What a model is asked: the messages, and tools or choices. Not which model: another may go on with a run."""
    request = {key: described(value) for key, value in kwargs.items() if value not in ((), [], None)}
    return {"messages": described(args[0]), **request, **({"choices": described(args[1])} if args[1:] else {})}


def of_data(_func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
    """Everything that is handed over: a call of a tool, code blocks, a prompt."""
    return {"arguments": described(args), **({"options": described(kwargs)} if kwargs else {})}


def of_function(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
    """Which function of the program is called, for which agents, and on which messages.

    Of a history only its length and its last message are kept, so that a step does not cost more the longer a chat is;
    what else is handed over (a reply function's ``config``) is the program's own, and may be anything.
    """
    named = {str(index): value for index, value in enumerate(args)} | kwargs
    shown = {name: _shown(value) for name, value in named.items()}
    return {"function": function_name(func), **{name: value for name, value in shown.items() if value is not None}}


def function_name(func: Any) -> str:
    """The qualified name of a function, or of the type of an object that is called."""
    if isinstance(func, partial):
        return function_name(cast("Any", func).func)
    return str(getattr(func, "__qualname__", type(func).__qualname__))


def _shown(value: Any) -> Any:
    if isinstance(value, str) or _is_agent(value) or _is_message(value):
        return described(value)
    if isinstance(value, Sequence) and value and _is_message(last := cast("Any", value)[-1]):
        return {"messages": len(cast("Any", value)), "last": described(last)}
    return None


def _is_message(value: Any) -> bool:
    return isinstance(value, Mapping) and "content" in value


def _is_agent(value: Any) -> bool:
    return isinstance(getattr(value, "name", None), str) and hasattr(value, "generate_reply")
