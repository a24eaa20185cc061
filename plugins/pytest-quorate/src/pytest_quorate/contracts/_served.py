"""What the scripted server says in a contract: the answers of a model that can do everything, and raw streams."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from pytest_quorate.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_quorate.requests import Request
    from pytest_quorate.server import ScriptedServer

TEXT = "It is five: fünf, 五. 🎉 That is all."
"""The capable model's answer; characters of one to four bytes."""


def capable() -> Callable[[Request], Reply]:
    """A model that can do everything: it does what each request's fields ask of it."""
    draws = count(1)

    def answer(request: Request) -> Reply:
        if calls := _calls(request):
            return Reply(tool_calls=calls)
        if choices := _choices(request):
            return Reply(text=choices[-1])
        if schema := _schema(request):
            return Reply(text=json.dumps(instance_of(schema, schema)))
        # Like a real one it varies when it may: with a temperature, and no seed to hold it.
        seed = request.field("seed")
        varied = f" ({next(draws) if seed is None else seed})" if request.field("temperature") else ""
        return Reply(
            text=TEXT + varied,
            others=["Another." for _ in range(1, request.field("n") or 1)],
            logprobs=bool(request.field("logprobs")),
            thought="Let me think about it." if request.field("reasoning_effort") else None,
        )

    return answer


def _calls(request: Request) -> list[tuple[str, dict[str, Any]]]:
    tools: list[dict[str, Any]] = request.field("tools") or []
    choice = request.field("tool_choice")
    if not tools or choice == "none" or request.messages[-1].get("role") == "tool":
        return []
    functions: list[dict[str, Any]] = [tool["function"] for tool in tools]
    if isinstance(choice, dict):
        name = cast("dict[str, Any]", choice)["function"]["name"]
        functions = [function for function in functions if function["name"] == name]
    first = functions[0]
    call = (first["name"], instance_of(first["parameters"], first["parameters"]))
    return [call, call] if request.field("parallel_tool_calls") else [call]


def _schema(request: Request) -> dict[str, Any] | None:
    """The schema that the answer is held to, under the names that servers have for it."""
    paths = (("response_format", "json_schema", "schema"), ("structured_outputs", "json"), ("guided_json",))
    return cast("dict[str, Any] | None", _first(request, paths, dict))


def _choices(request: Request) -> list[str] | None:
    """The choices that the answer is held to, under the names that servers have for them."""
    paths = (("structured_outputs", "choice"), ("guided_choice",))
    return cast("list[str] | None", _first(request, paths, list))


def _first(request: Request, paths: Iterable[Iterable[str]], kind: type) -> object:
    """The first value of this kind that a request's body holds at one of these places."""
    for path in paths:
        found: Any = request.body
        for key in path:
            found = cast("dict[str, Any]", found).get(key) if isinstance(found, dict) else None
        if isinstance(found, kind):
            return found
    return None


def instance_of(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """A value that fits a simple JSON schema."""
    if reference := schema.get("$ref"):
        return instance_of(root["$defs"][str(reference).rpartition("/")[2]], root)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: instance_of(each, root) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [instance_of(schema["items"], root)] if "items" in schema else []
    return {"integer": 5, "number": 5.0, "boolean": True, "null": None}.get(str(kind), "five")


def always(server: ScriptedServer, text: str | None = None, /, **fields: Any) -> None:
    """Have the server give this answer to every request, so that a retry changes nothing."""
    values: dict[str, Any] = {"text": text, **fields}
    play(server, Reply(**values))


def play(server: ScriptedServer, reply: Reply) -> None:
    """Have the server give this reply to every request."""

    def answer(_request: Request) -> Reply:
        return reply

    server.answer = answer


def always_error(server: ScriptedServer, status: int, code: str | None = None, **fields: Any) -> None:
    """Have the server answer every request with an OpenAI error object."""
    error = {"message": f"scripted error {status}", "type": "scripted", "param": None, "code": code}
    always(server, status=status, body=json.dumps({"error": error}).encode(), **fields)


def chunk(delta: Mapping[str, Any] | None, finish: str | None = None, **more: Any) -> str:
    """One chunk of a stream as JSON text; a delta of None leaves the choices empty."""
    choices = [] if delta is None else [{"index": 0, "delta": dict(delta), "finish_reason": finish}]
    envelope = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": choices}
    return json.dumps(envelope | more, ensure_ascii=False)


def chunks(*texts: str, finish: str = "stop") -> list[str]:
    """The chunks of a whole stream that says these texts."""
    return [chunk({"role": "assistant", "content": ""}), *(chunk({"content": t}) for t in texts), chunk({}, finish)]


def stream_of(events: Iterable[str], template: str = "data: {}\n\n", *, done: bool = True) -> Reply:
    """A stream whose events stand in this template, byte for byte; it is sent to every kind of request."""
    text = "".join(template.replace("{}", event) for event in [*events, *(["[DONE]"] if done else [])])
    return Reply(body=text.encode(), content_type="text/event-stream")


def seen(server: ScriptedServer) -> str:
    """Everything that the server was sent, as text to search."""
    return repr([(each.path, sorted(each.headers.items()), each.body) for each in server.requests])
