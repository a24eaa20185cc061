"""What steps give, as JSON data and back: one way for each kind of result. Never pickle."""

from __future__ import annotations

import builtins
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from quorate import errors
from quorate.coding import CodeResult
from quorate.errors import ChatStopped, ModelError, ModelsExhausted, ToolError
from quorate.models.codec import as_data, from_data
from quorate.models.results import Attempt, CreateResult
from quorate.stopping.reason import StopReason
from quorate.tools import ToolResult

if TYPE_CHECKING:
    from collections.abc import Callable


class Codec(NamedTuple):
    """How results of one kind become JSON data, and come back."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def as_json(data: Any) -> str:
    """JSON data as text.

    Raises:
        TypeError: something in it is no JSON data, and would not come back as it was.
        ValueError: it contains itself, or a number that is none.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    _check(data)
    return storable(text)


def storable(text: str) -> str:
    """JSON text that SQLite can hold: half a surrogate pair, which UTF-8 has no bytes for, as JSON escapes it."""
    return text.encode("utf-8", "backslashreplace").decode()


def _check(value: Any) -> None:
    """Refuse what ``json`` would write as something else: keys that are no text, and tuples."""
    if isinstance(value, dict):
        for key, each in cast("Any", value).items():
            if not isinstance(key, str):
                msg = f"a dict with the key {key!r:.40}, which is no text"
                raise TypeError(msg)
            _check(each)
    elif isinstance(value, list | tuple):
        for each in cast("Any", value):
            _check(each)


def _plain(value: Any) -> Any:
    """A pair is what a reply function gives; inside, a tuple comes back as a list."""
    return {"pair": list(cast("Any", value))} if isinstance(value, tuple) else {"value": value}


def _from_plain(data: Any) -> Any:
    return tuple(data["pair"]) if "pair" in data else data["value"]


def _model(result: Any) -> Any:
    if not isinstance(result, CreateResult):
        msg = f"a {type(result).__qualname__}, where a model gives a quorate.CreateResult"
        raise TypeError(msg)
    attempts = [asdict(attempt) for attempt in result.attempts]
    return {"result": as_data(result), "cached": result.cached, "attempts": attempts}


def _from_model(data: Any) -> CreateResult:
    result = from_data(data["result"])
    result.cached, result.attempts = data["cached"], tuple(Attempt(**attempt) for attempt in data["attempts"])
    return result


def _tool(result: ToolResult) -> Any:
    error = None if result.error is None else error_data(result.error)
    return {"content": result.content, "images": list(result.images), "failed": result.failed, "error": error}


def _from_tool(data: Any) -> ToolResult:
    error = None if data["error"] is None else error_from(data["error"])
    if data["error"] is not None and error is None:  # of the program's own: observers are told its type and its text
        error = ToolError(f"{data['error']['type']}: {data['error']['message']}")
    return ToolResult(data["content"], tuple(data["images"]), data["failed"], error)


def _code(result: Any) -> Any:
    """Any object with these: AutoGen 0.2's class is not ours."""
    files = [str(file) for file in getattr(result, "files", ())]
    code_file = getattr(result, "code_file", None)
    saved = None if code_file is None else str(code_file)
    return {"exit_code": result.exit_code, "output": result.output, "code_file": saved, "files": files}


def _from_code(data: Any) -> CodeResult:
    return CodeResult(data["exit_code"], data["output"], data["code_file"], tuple(data["files"]))


PLAIN = Codec(_plain, _from_plain)
"""Text, numbers, lists and dicts of them, and None."""
MODEL = Codec(_model, _from_model)
TOOL = Codec(_tool, _from_tool)
CODE = Codec(_code, _from_code)


# -- errors

_MODEL_ERROR = ("kind", "retry_after", "output_started", "status", "elsewhere")


def error_data(error: Exception) -> dict[str, Any]:
    """An error as JSON data: its type and its text, and what decides how a program goes on after it."""
    data: dict[str, Any] = {"type": type(error).__name__, "module": type(error).__module__, "message": str(error)}
    if isinstance(error, ModelError):
        data["model"] = {name: getattr(error, name) for name in _MODEL_ERROR}
    if isinstance(error, ModelsExhausted):
        data["attempts"] = [asdict(attempt) for attempt in error.attempts]
    if isinstance(error, ChatStopped):
        data["reason"] = asdict(error.reason)
    return data


def error_from(data: dict[str, Any]) -> Exception | None:
    """The error that data tell of; None for one of the program's own, of which only type and text are known."""
    home = {"builtins": builtins, "quorate.errors": errors}.get(data["module"])
    made: Any = getattr(home, data["type"], None)
    if made is ModelsExhausted:
        attempts = [Attempt(**attempt) for attempt in data["attempts"]]
        kind, started = data["model"]["kind"], data["model"]["output_started"]
        return ModelsExhausted(data["message"], kind=kind, attempts=attempts, output_started=started)
    if made is ModelError:
        return ModelError(data["message"], **data["model"])
    if made is ChatStopped:
        return ChatStopped(StopReason(**data["reason"]))
    if not (isinstance(made, type) and issubclass(made, Exception)) or issubclass(made, UnicodeError):
        return None
    return made(data["message"])
