"""The scripted server, spoken to with sockets and the standard library's HTTP client alone."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time

import pytest

from pytest_quorate import Reply, ScriptedServer


def chat(server, **fields):
    body = {"model": "m", "messages": [{"role": "user", "content": "hello you"}], **fields}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("POST", f"{server.prefix}/chat/completions", json.dumps(body))
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def events(body):
    return [line.removeprefix("data: ") for line in body.decode().splitlines() if line.startswith("data: ")]


def deltas(body):
    chunks = [json.loads(event) for event in events(body) if event != "[DONE]"]
    return [choice["delta"] for chunk in chunks for choice in chunk["choices"]]


def test_the_default_reply_echoes(scripted_server):
    response, body = chat(scripted_server)
    answer = json.loads(body)
    assert response.status == 200
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "hello you"}
    assert answer["usage"] == {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4}
    assert answer["model"] == "m"


def test_replies_come_in_order_then_the_function_answers():
    with ScriptedServer(lambda request: Reply(text=f"of {request.body['model']}")) as server:
        server.reply("one").status(429, headers={"retry-after": "1"}).reply("two")
        answers = [chat(server) for _ in range(4)]
    assert [response.status for response, _ in answers] == [200, 429, 200, 200]
    assert answers[1][0].getheader("retry-after") == "1"
    assert [json.loads(body).get("choices", [{}])[0].get("message", {}).get("content") for _, body in answers] == [
        "one",
        None,
        "two",
        "of m",
    ]


def test_one_reply_streams_or_not_as_the_request_asks(scripted_server):
    calls = [("add", {"a": 1}), ("mul", '{"long": "argument"}')]
    fields = {"tool_calls": calls, "thought": "hm hm"}
    scripted_server.reply("some text", **fields).reply("some text", **fields)
    whole = json.loads(chat(scripted_server)[1])["choices"][0]["message"]
    body = chat(scripted_server, stream=True)[1]
    parts = deltas(body)
    assert "".join(part.get("content") or "" for part in parts) == whole["content"] == "some text"
    assert "".join(part.get("reasoning_content", "") for part in parts) == whole["reasoning_content"] == "hm hm"
    arguments = ["", ""]
    order = []
    for part in parts:
        for call in part.get("tool_calls", ()):
            arguments[call["index"]] += call["function"]["arguments"]
            order.append(call["index"])
    assert arguments == [call["function"]["arguments"] for call in whole["tool_calls"]]
    assert order[:6] == [0, 1, 0, 1, 0, 1]
    assert events(body)[-1] == "[DONE]"


def test_given_pieces_are_streamed_as_given_and_put_together_otherwise(scripted_server):
    pieces = (
        "a",
        {"content": "b"},
        {"tool_calls": [{"index": 0, "id": "x", "function": {"name": "f", "arguments": "{"}}]},
    )
    pieces += ({"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]},)
    scripted_server.stream(*pieces).stream(*pieces)
    parts = deltas(chat(scripted_server, stream=True)[1])
    assert parts[1:5] == [{"content": "a"}, *pieces[1:]]
    choice = json.loads(chat(scripted_server)[1])["choices"][0]
    assert choice["message"]["content"] == "ab"
    assert choice["message"]["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
    assert choice["finish_reason"] == "tool_calls"


def test_streamed_usage_comes_only_when_asked_for(scripted_server):
    without = chat(scripted_server, stream=True)[1]
    asked = chat(scripted_server, stream=True, stream_options={"include_usage": True})[1]
    assert b"prompt_tokens" not in without
    last = json.loads(events(asked)[-2])
    assert last["choices"] == []
    assert last["usage"]["prompt_tokens"] == 2


def test_choices_and_logprobs(scripted_server):
    for stream in (False, True):
        scripted_server.reply("a b", others=["c d", "e"], logprobs=True)
        body = chat(scripted_server, stream=stream)[1]
        chunks = [json.loads(body)] if not stream else [json.loads(e) for e in events(body)[:-1]]
        choices = [choice for chunk in chunks for choice in chunk["choices"]]
        assert {choice["index"] for choice in choices} == {0, 1, 2}
        tokens = [t["token"] for c in choices if c.get("logprobs") for t in c["logprobs"]["content"]]
        assert tokens == ["a", " b"]


def raw_exchange(server, request):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(request)
        data = b""
        while part := sock.recv(65536):
            data += part
        return data


REQUEST = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def test_cuts_and_garbage_are_what_the_socket_carries(scripted_server):
    scripted_server.drop().drop(7).drop(0).garbage(b"no http", http=False).garbage(b"<html>")
    answers = [raw_exchange(scripted_server, REQUEST) for _ in range(5)]
    assert answers[0] == b""
    head, _, cut = answers[1].partition(b"\r\n\r\n")
    assert b"200 OK" in head
    assert len(cut) == 7
    assert answers[2].endswith(b"\r\n\r\n")
    assert answers[3] == b"no http"


def test_a_stream_is_cut_after_that_many_bytes(scripted_server):
    scripted_server.drop(20)
    with pytest.raises(http.client.IncompleteRead) as caught:
        chat(scripted_server, stream=True)
    assert len(caught.value.partial) == 20


def test_parts_of_any_size_carry_the_same_stream(scripted_server):
    scripted_server.reply("né 🎉 yes").reply("né 🎉 yes", write_size=3)
    bodies = [chat(scripted_server, stream=True)[1] for _ in range(2)]
    assert bodies[0] == bodies[1]
    assert "🎉" in bodies[0].decode()


def test_delay_and_pause(scripted_server):
    scripted_server.delay(0.2).stream("a", "b", pause=0.1)
    started = time.monotonic()
    assert json.loads(chat(scripted_server)[1])["choices"][0]["message"]["content"] == "late"
    assert time.monotonic() - started >= 0.2
    started = time.monotonic()
    chat(scripted_server, stream=True)
    assert time.monotonic() - started >= 0.2


def test_a_client_that_hangs_up_is_noticed(scripted_server):
    scripted_server.never()
    with socket.create_connection(("127.0.0.1", scripted_server.port), timeout=5) as sock:
        sock.sendall(REQUEST)
        assert scripted_server.wait(lambda server: server.requests)
        assert scripted_server.connections_open == 1
        assert scripted_server.requests[0].disconnected is None
    assert scripted_server.wait_idle()
    (request,) = scripted_server.requests
    assert request.disconnected is not None
    assert request.answered is None


def test_connections_are_kept_and_counted(scripted_server):
    connection = http.client.HTTPConnection("127.0.0.1", scripted_server.port, timeout=5)
    for _ in range(3):
        connection.request("POST", "/v1/chat/completions", "{}")
        connection.getresponse().read()
    assert scripted_server.connections_opened == scripted_server.connections_open == 1
    assert [request.connection for request in scripted_server.requests] == [1, 1, 1]
    connection.close()
    assert scripted_server.wait_idle()


def test_what_was_asked_is_remembered(scripted_server):
    connection = http.client.HTTPConnection("127.0.0.1", scripted_server.port, timeout=5)
    connection.request("POST", "/v1/chat/completions?x=1", iter([b'{"stream"', b": false}"]), {"X-Key": "v"})
    connection.getresponse().read()
    connection.request("GET", "/elsewhere")
    assert connection.getresponse().status == 404
    connection.close()
    first, second = scripted_server.requests
    assert (first.path, first.headers["x-key"], first.body) == ("/v1/chat/completions?x=1", "v", {"stream": False})
    assert (second.method, second.body) == ("GET", b"")
    assert scripted_server.chats == [first]


def test_models_and_another_prefix():
    with ScriptedServer(prefix="/openai/deployments/d", models=("a", "b")) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", "/openai/deployments/d/models")
        listed = json.loads(connection.getresponse().read())
        connection.close()
        assert [model["id"] for model in listed["data"]] == ["a", "b"]
        assert chat(server)[0].status == 200
        assert server.base_url == f"http://127.0.0.1:{server.port}/openai/deployments/d"


def test_a_script_that_raises_tells_the_client():
    with ScriptedServer(lambda request: 1 / 0) as server:
        response, body = chat(server)
    assert response.status == 500
    assert b"ZeroDivisionError" in body


def test_refusing_dropping_and_stopping():
    server = ScriptedServer().start()
    sock = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    assert server.wait(lambda server: server.connections_open == 1)
    server.drop_connections()
    with sock:
        assert sock.recv(1) == b""
    server.refuse()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)
    server.stop()
    server.stop()


def test_importing_the_server_loads_no_pytest_and_nothing_of_quorate():
    code = "import sys, pytest_quorate; print([m for m in ('pytest', 'quorate', 'anyio') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
