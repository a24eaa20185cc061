"""Answers from the response cache: which requests are the same, what a stored answer is like, and what never breaks."""

from __future__ import annotations

import pytest

from quorate import (
    BaseChatCompletionClient,
    CacheWarning,
    CreateResult,
    ModelClientRecord,
    ModelError,
    Usage,
    hookimpl,
)
from quorate._drive import drive
from quorate.testing import isolated_kernel

HELLO = [{"role": "user", "content": "hello"}]
SECRET = "sk-very-secret-0123456789"
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cached(world):
    """A client with a cache over a config list."""
    return lambda *entries, **scripts: world(*entries, whole={"cache_seed": 1}, **scripts)


def test_the_same_request_is_answered_once(cached, world, ask):
    client = cached(a=["first", "second"])
    first, parts = ask(client)
    again, parts_again = ask(client)
    assert (first.content, again.content, world.asked) == ("first", "first", ["a"])
    assert (first.cached, again.cached) == (False, True)
    assert (again.usage, again.model) == (Usage(10, 2), "a")
    assert parts == parts_again
    assert [attempt.kind for attempt in again.attempts] == [None]


def test_what_was_changed_to_fit_a_template_is_stored_with_the_answer(cached, ask):
    notes = ("the template has no system role",)
    client = cached(a=[[CreateResult("first", notes=notes)]])
    assert [ask(client)[0].notes for _ in range(2)] == [notes, notes]


def test_off_unless_it_is_asked_for(world, ask, folder):
    for whole in ({}, {"cache_seed": None}):
        client = world("a", whole=whole, a=["first", "second"])
        assert [ask(client)[0].content for _ in range(2)] == ["first", "second"]
    assert list(folder.iterdir()) == []


def test_it_stays_for_the_next_program(cached, new_world, ask):
    ask(cached(a=["first"]))
    later = new_world()
    result, _ = ask(later("a", whole={"cache_seed": 1}))
    assert (result.content, result.cached, later.asked) == ("first", True, [])


def test_another_seed_is_another_answer(cached, world, ask):
    ask(cached(a=["first", "second"]))
    assert ask(world("a", whole={"cache_seed": 2}))[0].content == "second"


def test_a_stream_replays_what_was_asked_whole_and_the_reverse(cached, world):
    from quorate import iterate

    client = cached(a=["first"])
    drive(client.create(HELLO))
    text, result = iterate(client.create_stream(HELLO))
    assert (text, result.content, result.cached, world.asked) == ("first", "first", True, ["a"])


@pytest.mark.parametrize("text", ["Let me see.", None])
def test_tool_calls_replay_with_the_text_beside_them(cached, stream, text):
    client = cached(a=[[CreateResult([CALL], finish_reason="tool_calls", text=text)]])
    stream(client)
    result, parts = stream(client)
    assert (result.content, result.cached, parts) == ([CALL], True, [text] if text else [])


# -- which requests are the same


SAME = [
    ({}, {}),
    ({"temperature": 0, "seed": 1}, {"seed": 1, "temperature": 0}),
    ({"extra_body": {"a": 1, "b": [2]}}, {"extra_body": {"b": [2], "a": 1}}),
    ({"tools": ({"type": "function"},)}, {"tools": [{"type": "function"}]}),
]
OTHER = [
    ({}, {"temperature": 0}),
    ({"temperature": 0}, {"temperature": 1}),
    ({"seed": 1}, {"seed": "1"}),
    ({"tools": []}, {"tools": [{"type": "function"}]}),
    ({"response_format": None}, {"response_format": {"type": "json_object"}}),
    ({"n": 1}, {"n": 2}),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=str)
def test_equal_requests_share_an_answer_whatever_the_order_of_keys(cached, ask, one, other):
    client = cached(a=["first", "second"])
    assert [ask(client, **request)[0].content for request in (one, other)] == ["first", "first"]


@pytest.mark.parametrize(("one", "other"), OTHER, ids=str)
def test_parameters_matter(cached, ask, one, other):
    client = cached(a=["first", "second"])
    assert [ask(client, **request)[0].content for request in (one, other)] == ["first", "second"]


def test_messages_matter(cached):
    client = cached(a=["first", "second", "third"])
    requests = (HELLO, [*HELLO, *HELLO], [{"role": "system", "content": "hello"}])
    assert [drive(client.create(messages)).content for messages in requests] == ["first", "second", "third"]


ENTRIES = [
    {"model": "a", "base_url": "http://one.test/v1"},
    {"model": "a", "base_url": "http://two.test/v1"},
    {"model": "a", "base_url": "http://one.test/v1", "api_version": "2024-10-21"},
    {"model": "a", "base_url": "http://one.test/v1", "temperature": 0},
    {"model": "b", "base_url": "http://one.test/v1"},
]


def test_two_endpoints_with_the_same_model_do_not_share(cached, world, ask):
    """In AutoGen 0.2 they do."""
    world.scripts |= {"a": [f"answer {number}" for number in range(4)], "b": ["answer 4"]}
    clients = [cached(entry) for entry in ENTRIES]
    answers = [ask(client)[0].content for client in clients]
    assert answers == [f"answer {number}" for number in range(5)]
    assert [ask(client)[0].content for client in clients] == answers


def test_what_says_how_to_ask_and_not_what_is_asked_does_not_matter(cached, world, ask):
    ask(cached({"model": "a"}, a=["first"]))
    for more in ({"api_key": "k"}, {"timeout": 9}, {"max_retries": 0}, {"price": 1}, {"tags": ["t"]}, {"stream": True}):
        assert ask(cached({"model": "a", **more}))[0].cached


def test_two_endpoints_from_the_environment_do_not_share(monkeypatch):
    """The configurations are equal; the client has the endpoint that the environment named when it was made."""
    from quorate import ModelClientRecord, hookimpl

    class Local(BaseChatCompletionClient):
        async def create(self, messages, **request):
            return CreateResult(f"from {self.config.base_url}")

    class Plugin:
        @hookimpl
        def quorate_model_clients(self):
            yield ModelClientRecord(name="local", factory=Local, base_url_env=("LOCAL_URL",), default=True)

    answers = []
    for port in (1, 2):
        monkeypatch.setenv("LOCAL_URL", f"http://127.0.0.1:{port}/v1")
        with isolated_kernel(Plugin()) as kernel:
            answers.append(drive(kernel.chat_client({"model": "m", "cache_seed": 1}).create(HELLO)).content)
    assert answers == ["from http://127.0.0.1:1/v1", "from http://127.0.0.1:2/v1"]


def legacy(name):
    """A client class with AutoGen 0.2's methods that answers with its name."""

    def create(self, params):
        return {"text": name}

    members = {
        "__init__": lambda self, config: None,
        "create": create,
        "message_retrieval": lambda self, response: [response["text"]],
        "cost": lambda self, response: 0,
        "get_usage": staticmethod(lambda response: {}),
    }
    return type(name, (), members)


def test_client_classes_with_the_same_model_do_not_share(kernel, ask):
    for name in ("One", "Two"):
        kernel.register_model_client(legacy(name))
    entries = [{"model": "m", "model_client_cls": name, "cache_seed": 1} for name in ("One", "Two", "One")]
    results = [ask(kernel.chat_client(entry))[0] for entry in entries]
    assert [(result.content, result.cached) for result in results] == [("One", False), ("Two", False), ("One", True)]


@pytest.mark.parametrize("odd", [None, {"base_url": "x"}, object()], ids=["None", "dict", "object"])
def test_a_client_that_keeps_something_else_as_its_config(kernel, ask, odd):
    class Odd:
        def __init__(self, config):
            self.config = odd

        async def create(self, messages, **request):
            return CreateResult("hi")

        async def create_stream(self, messages, **request):
            yield CreateResult("hi")

        async def close(self):
            pass

    kernel.register_model_client(Odd)
    client = kernel.chat_client({"model": "m", "model_client_cls": "Odd", "cache_seed": 1})
    assert [ask(client)[0].cached for _ in range(2)] == [False, True]


@pytest.mark.parametrize("where", ["marker", "http_client", "messages"])
def test_what_is_more_than_data_is_not_stored_and_that_is_said_once(cached, world, ask, where):
    entry = {"model": "a", "http_client": object()} if where == "http_client" else {"model": "a"}
    client = cached(entry, a=["first", "second"])
    request = {"marker": object()} if where == "marker" else {}
    messages = [{"role": "user", "content": "hello", "mark": object()}] if where == "messages" else HELLO
    with pytest.warns(CacheWarning) as caught:
        assert [ask(client, messages, **request)[0].content for _ in range(2)] == ["first", "second"]
    assert world.asked == ["a", "a"]
    (told,) = caught
    assert str(told.message).startswith(f"llm_config.config_list[0]: answers are not cached: {where} is more than data")


def test_a_model_that_nobody_named_is_not_taken_for_the_one_of_yesterday(folder, ask):
    class Serving(BaseChatCompletionClient):
        @hookimpl
        def quorate_model_clients(self):
            yield ModelClientRecord(name="serving", factory=lambda config: self, model_required=False)

        async def create(self, messages, **request):
            return CreateResult("hi", model="whatever is served")

    with isolated_kernel(Serving()) as kernel:
        client = kernel.chat_client({"client": "serving", "cache_seed": 1})
        with pytest.warns(CacheWarning, match="llm_config: answers are not cached: no model is named") as caught:
            assert [ask(client)[0].cached for _ in range(2)] == [False, False]
        named = kernel.chat_client({"client": "serving", "model": "m", "cache_seed": 1})
        assert [ask(named)[0].cached for _ in range(2)] == [False, True]
    assert len(caught) == 1


def test_failures_and_refused_answers_are_not_given_again(world, ask):
    client = world(
        {"model": "a", "max_retries": 0},
        "b",
        whole={"cache_seed": 1, "filter_func": lambda *, context, response: response.content != "bad"},
        a=[[ModelError("no", kind="bad_response")], "bad"],
        b=["good"],
    )
    assert [ask(client)[0].content for _ in range(2)] == ["good", "good"]


# -- what a stored answer is like


def test_usage_of_cached_answers_is_counted_apart(cached, ask):
    client = cached({"model": "a", "price": [1, 1]}, a=["first"])
    for _ in range(3):
        ask(client)
    assert client.total_usage_summary == {
        "total_cost": pytest.approx(0.036),
        "a": {"cost": pytest.approx(0.036), "prompt_tokens": 30, "completion_tokens": 6, "total_tokens": 36},
    }
    assert client.actual_usage_summary["a"]["total_tokens"] == 12
    client.clear_usage_summary()
    assert (client.total_usage_summary, client.actual_usage_summary) == (None, None)
    ask(client)
    assert client.total_usage_summary["a"]["total_tokens"] == 12
    assert client.actual_usage_summary is None


def test_a_price_that_is_set_later_holds_for_stored_answers(cached, ask):
    assert ask(cached(a=["first"]))[0].cost is None
    result, _ = ask(cached({"model": "a", "price": [1, 1]}))
    assert (result.cached, result.cost) == (True, pytest.approx(0.012))


def test_no_key_ever_reaches_the_file(folder):
    """Not the configuration's key, nor one in its endpoint, its headers or its other parameters."""

    class Leaky(BaseChatCompletionClient):
        async def create(self, messages, **request):
            key = self.config.api_key.get_secret_value()
            return CreateResult("hi", raw={"headers": {"authorization": f"Bearer {key}"}}, model=self.config.model)

    with isolated_kernel() as kernel:
        kernel.register_model_client(Leaky)
        entry = {
            "model": "m",
            "model_client_cls": "Leaky",
            "api_key": SECRET,
            "base_url": f"https://mine.test/v1?key={SECRET}",
            "default_headers": {"Authorization": f"Bearer {SECRET}"},
            "hf_token": SECRET,
            "cache_seed": 1,
        }
        client = kernel.chat_client(entry)
        assert drive(client.create(HELLO)).content == "hi"
        written = [each.read_bytes() for each in folder.rglob("*") if each.is_file()]  # the log beside it too
    written += [each.read_bytes() for each in folder.rglob("*") if each.is_file()]
    assert any(b'"hi"' in content for content in written)
    assert not any(SECRET.encode() in content or b"Bearer" in content for content in written)
