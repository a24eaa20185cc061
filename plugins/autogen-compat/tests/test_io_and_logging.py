"""Streams that show chats, and sessions that take them down."""

from __future__ import annotations

import json
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

import pytest

from quorate import default_kernel
from quorate.testing import ScriptedClient
from quorate_autogen_compat import AssistantAgent, UserProxyAgent, runtime_logging
from quorate_autogen_compat.io import InputStream, IOConsole, IOStream, IOWebsockets, OutputStream
from quorate_autogen_compat.io.base import ask
from quorate_autogen_compat.logger import FileLogger, LoggerFactory, SqliteLogger
from quorate_autogen_compat.logger.logger_utils import get_current_ts, to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    runtime_logging.stop()
    default_kernel().close()


class Paper(IOStream):
    """Keeps what is printed, and answers from a list."""

    def __init__(self, *answers: str) -> None:
        self.text = ""
        self._answers = list(answers)

    def print(self, *objects: Any, sep: str = " ", end: str = "\n", flush: bool = False) -> None:
        self.text += sep.join(map(str, objects)) + end

    def input(self, prompt: str = "", *, password: bool = False) -> str:
        self.print(prompt)
        return self._answers.pop(0)


def greet(answer: str = "Hello. TERMINATE") -> Any:
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply=answer)
    return user.initiate_chat(assistant, message="Hi there", max_turns=1)


# -- streams


def test_a_chat_is_shown_by_the_current_stream_and_nowhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    paper, other = Paper(), Paper()
    with IOStream.set_default(paper):
        assert IOStream.get_default() is paper
        greet()
        with IOStream.set_default(other):
            other.print("inside")

    assert "Hi there" in paper.text
    assert "Hello. TERMINATE" in paper.text
    assert other.text == "inside\n"
    assert capsys.readouterr().out == ""
    greet()
    assert "Hi there" in capsys.readouterr().out


def test_the_global_stream_is_everywhere_else(capsys: pytest.CaptureFixture[str]) -> None:
    before, paper = IOStream.get_global_default(), Paper()
    assert isinstance(before, IOConsole)
    IOStream.set_global_default(paper)
    try:
        greet()
        with IOStream.set_default(None):
            assert IOStream.get_default() is paper
    finally:
        IOStream.set_global_default(before)
    assert "Hi there" in paper.text
    assert capsys.readouterr().out == ""


def test_people_are_asked_through_the_current_stream() -> None:
    paper = Paper("From paper", "exit")
    user = UserProxyAgent("user", code_execution_config=False, person=ask)
    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="What?")
    with IOStream.set_default(paper):
        result = user.initiate_chat(assistant, message="Hi")
    assert [message["content"] for message in result.chat_history] == ["Hi", "What?", "From paper", "What?"]


def test_the_terminal_is_a_stream(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    console = IOConsole()
    monkeypatch.setattr("builtins.input", lambda prompt: f"{prompt}yes")
    monkeypatch.setattr("getpass.getpass", lambda prompt: f"{prompt}hidden")
    console.print("a", 1, sep="-", end="!", flush=True)

    assert capsys.readouterr().out == "a-1!"
    assert console.input("go? ") == "go? yes"
    assert console.input("key: ", password=True) == "key: hidden"
    assert isinstance(console, InputStream)
    assert isinstance(console, OutputStream)


def test_a_websocket_shows_a_chat_and_answers_for_a_person() -> None:
    client = pytest.importorskip("websockets.sync.client", reason="websockets is not installed")

    def on_connect(stream: IOWebsockets) -> None:
        name = stream.input("Your name?")
        stream.print("Welcome,", name)
        greet()

    with (
        IOWebsockets.run_server_in_thread(port=0, on_connect=on_connect) as address,
        client.connect(address) as socket,
    ):
        assert socket.recv() == "Your name?"
        socket.send("Ada")
        assert socket.recv() == "Welcome, Ada\n"
        shown = "".join(map(str, socket))
    assert "Hi there" in shown
    assert "Hello. TERMINATE" in shown


def test_what_fails_behind_a_websocket_is_raised() -> None:
    client = pytest.importorskip("websockets.sync.client", reason="websockets is not installed")

    def on_connect(stream: IOWebsockets) -> None:
        raise LookupError("no such room")

    def meet() -> None:
        with (
            IOWebsockets.run_server_in_thread(port=0, on_connect=on_connect) as address,
            client.connect(address) as socket,
        ):
            assert list(socket) == []

    with pytest.raises(Exception, match=r"no such room|1011"):
        meet()


def test_without_the_library_a_websocket_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "websockets.sync.server", None)
    with (
        pytest.raises(ImportError, match="pip install websockets"),
        IOWebsockets.run_server_in_thread(port=0, on_connect=print),
    ):
        pass


# -- sessions


def rows(connection: sqlite3.Connection, query: str) -> list[Any]:
    return connection.execute(query).fetchall()


def chat_with_a_model_that_uses_a_tool() -> None:
    kernel = default_kernel()
    call: Any = {"id": "1", "type": "function", "function": {"name": "double", "arguments": '{"x": 21}'}}
    from quorate import CreateResult

    kernel.register(ScriptedClient(script=[CreateResult([call]), "It is 42. TERMINATE"], name="logged"), "logged")
    try:
        config = {"model": "m", "client": "logged", "api_key": "sk-very-secret-1234", "cache_seed": None}
        assistant = AssistantAgent("assistant", llm_config=config)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

        def double(x: int) -> int:
            return 2 * x

        assistant.register_for_llm(description="Twice x")(double)
        user.register_for_execution()(double)
        user.initiate_chat(assistant, message="Twice 21?", max_turns=2)
    finally:
        kernel.unregister("logged")


def test_a_session_is_in_0_2s_tables(tmp_path: Path) -> None:
    session = runtime_logging.start(config={"dbname": str(tmp_path / "logs.db")})
    assert runtime_logging.logging_enabled()
    chat_with_a_model_that_uses_a_tool()
    connection = runtime_logging.get_connection()
    assert connection is not None

    asked, answered, cached, cost, source = rows(
        connection, "SELECT request, response, is_cached, cost, source_name FROM chat_completions ORDER BY id"
    )[-1]
    assert json.loads(asked)["messages"][1]["content"] == "Twice 21?"
    assert json.loads(answered)["choices"][0]["message"]["content"] == "It is 42. TERMINATE"
    assert json.loads(answered)["usage"]["total_tokens"] > 0
    assert (cached, cost, source) == (0, 0.0, "assistant")
    assert rows(connection, "SELECT source_name, function_name, args, returns FROM function_calls") == [
        ("user", "double", '{"x": 21}', '"42"')
    ]
    assert {name for (name,) in rows(connection, "SELECT name FROM agents")} == {"user", "assistant"}
    received = rows(connection, "SELECT source_name, json_state FROM events WHERE event_name = 'received_message'")
    assert [source for source, _ in received] == ["assistant", "user", "assistant", "user"]
    assert json.loads(received[0][1])["message"]["content"] == "Twice 21?"
    assert rows(connection, "SELECT DISTINCT session_id FROM events") == [(session,)]
    assert rows(connection, "SELECT version_number FROM version") == [(1,)]

    runtime_logging.stop()
    assert runtime_logging.get_connection() is None
    assert b"sk-very-secret" not in (tmp_path / "logs.db").read_bytes()


def test_programs_write_rows_of_their_own_and_no_key_is_among_them(tmp_path: Path) -> None:
    runtime_logging.start(config={"dbname": ":memory:"})
    agent = AssistantAgent("assistant", llm_config=False)
    secret = {"llm_config": {"model": "m", "api_key": "sk-1"}, "name": "assistant"}
    runtime_logging.log_new_agent(agent, secret)
    runtime_logging.log_new_wrapper(agent, secret)
    runtime_logging.log_new_client(agent, agent, secret)
    runtime_logging.log_event("here", "noted", what=secret)
    runtime_logging.log_function_use(agent, print, {"password": "p"}, None)
    connection = runtime_logging.get_connection()
    assert connection is not None

    assert rows(connection, "SELECT name, class FROM agents") == [("assistant", "AssistantAgent")]
    assert (
        len(rows(connection, "SELECT * FROM oai_wrappers")) == len(rows(connection, "SELECT * FROM oai_clients")) == 1
    )
    assert not [line for line in connection.iterdump() if "sk-1" in line or "password" in line]


def test_a_session_in_a_file(tmp_path: Path) -> None:
    session = runtime_logging.start(logger_type="file", config={"filename": "mine.log"})
    greet()
    runtime_logging.stop()
    lines = [json.loads(line) for line in (tmp_path / "autogen_logs" / "mine.log").read_text().splitlines()]

    assert lines[0] == {"table": "session", "session_id": session}
    assert [line["event_name"] for line in lines if line["table"] == "events"] == [
        "chat_started",
        "received_message",
        "received_message",
        "chat_ended",
    ]


def test_failures_are_told(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.Error):
        runtime_logging.start(config={"dbname": str(tmp_path / "no" / "such" / "logs.db")})
    assert not runtime_logging.logging_enabled()
    with pytest.raises(ValueError, match="start"):
        runtime_logging.log_event("here", "noted")
    with pytest.raises(ValueError, match="sqlite"):
        LoggerFactory.get_logger("paper")

    logger = SqliteLogger({"dbname": ":memory:"})
    runtime_logging.start(logger=logger)
    logger.stop()
    with pytest.warns(RuntimeWarning, match="start"):  # the chat goes on, and somebody is told
        greet()
    with pytest.raises(OSError, match="start"):
        FileLogger().log_event("here", "noted")


def test_what_is_taken_down_is_data() -> None:
    class Thing:
        def __init__(self) -> None:
            self.name, self.api_key, self._own, self.again = "t", "sk-1", 1, self

    assert to_dict({"a": {1}, "f": print, "token": "x", "t": Thing()}) == {
        "a": [1],
        "f": "print",
        "t": {"name": "t", "again": "Thing"},
    }
    assert to_dict({"keep": 1, "drop": 2}, exclude=("drop",)) == {"keep": 1}
    assert to_dict([Thing()], no_recursive=(Thing,)) == ["t"]
    assert len(get_current_ts()) == 26
