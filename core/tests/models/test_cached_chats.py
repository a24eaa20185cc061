"""The response cache in use: whose it is, in chats, tasks and threads, and that nothing wrong with it stops a chat."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from quorate import Cache, CacheWarning, ConversableAgent, CreateResult, UserProxyAgent
from quorate._drive import drive
from quorate.models.cache import FILE
from quorate.testing import ScriptedClient, isolated_kernel

HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cached(world):
    """A client with a cache over a config list."""
    return lambda *entries, **scripts: world(*entries, whole={"cache_seed": 1}, **scripts)


# -- whose it is


def test_the_kernel_closes_the_caches_that_it_opened(folder):
    table = Path("/proc/self/fd")
    if not table.exists():
        pytest.skip("this system does not list open files")

    def held():
        links = [each.readlink() for each in table.iterdir() if each.is_symlink()]
        return [link for link in links if link.name == FILE]

    model = ScriptedClient(script=["a", "b"])
    with isolated_kernel(model) as kernel:
        clients = [kernel.chat_client({"model": "m", "cache_seed": 1}) for _ in range(2)]
        for client in clients:
            drive(client.create(HELLO))
        assert len(held()) == 1, "clients with the same seed share one"
        assert len(model.requests) == 1
    assert held() == []
    drive(clients[0].create(HELLO))
    assert len(model.requests) == 1, "a kernel can be used again after it was closed"
    kernel.close()
    assert held() == []


def test_a_cache_of_the_programs_own_in_the_configuration(world, ask, tmp_path):
    with closing(Cache(tmp_path / "mine.db", "x")) as cache:
        client = world("a", whole={"cache": cache}, a=["first"])
        assert [ask(client)[0].cached for _ in range(2)] == [False, True]
    assert (tmp_path / "mine.db").exists()


def test_an_open_cache_serves_whatever_the_configuration_says(world, ask, tmp_path):
    client = world(a=["first", "second"])
    with Cache.disk(7, tmp_path / "open"):
        assert [ask(client)[0].content for _ in range(2)] == ["first", "first"]
    assert ask(client)[0].content == "second"


@pytest.mark.parametrize("mode", ["blocking", "async"])
def test_a_cache_for_one_chat(world, mode):
    world.scripts["a"] = ["first", "second"]
    thinker = ConversableAgent("thinker", llm_config=world.config("a"), kernel=world.kernel)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, kernel=world.kernel)

    def chat(cache=None):
        options = {"message": "hello", "max_turns": 1, "cache": cache}
        if mode == "blocking":
            return user.initiate_chat(thinker, **options)
        return asyncio.run(user.a_initiate_chat(thinker, **options))

    results = [chat(Cache.disk(7)) for _ in range(2)] + [chat()]
    assert [result.summary for result in results] == ["first", "first", "second"]
    cost = results[1].cost
    assert cost["usage_including_cached_inference"]["a"]["total_tokens"] == 12
    assert "a" not in cost["usage_excluding_cached_inference"]
    assert thinker.get_actual_usage()["a"]["total_tokens"] == 24
    assert thinker.get_total_usage()["a"]["total_tokens"] == 36


def test_one_cache_serves_chats_that_go_on_at_once():
    async def both(kernel, cache):
        async def chat(name):
            thinker = ConversableAgent(f"thinker-{name}", llm_config={"model": "m"}, kernel=kernel)
            user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, kernel=kernel)
            return await user.a_initiate_chat(thinker, message=f"hello {name}", max_turns=2, cache=cache)

        return await asyncio.gather(*map(chat, "abc"))

    def answer(request):
        return f"to {request.messages[-1]['content']}"

    cache = Cache.disk(7)
    for times in (1, 2):
        model = ScriptedClient(script=[answer] * 12)
        with isolated_kernel(model) as kernel:
            chats = asyncio.run(both(kernel, cache))
        assert [chat.chat_history[1]["content"] for chat in chats] == [f"to hello {name}" for name in "abc"]
        assert bool(model.requests) == (times == 1)


def test_threads_share_what_is_stored(world):
    world.scripts["a"] = ["the one answer"]
    client = world("a", whole={"cache_seed": 1})
    drive(client.create(HELLO))
    found = []

    def work():
        found.extend(drive(client.create(HELLO)).content for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["the one answer"] * 160
    assert client.total_usage_summary["a"]["total_tokens"] == 161 * 12


# -- nothing wrong with it stops a chat


def spoil(folder, value):
    with closing(sqlite3.connect(folder / ".cache" / FILE)) as file, file:
        file.execute("UPDATE response SET value = ?", (value,))


@pytest.mark.parametrize(
    "value", ["null", "3", '"text"', "[]", "{}", '{"content": "x"}', json.dumps({"content": 3, "usage": "much"})]
)
def test_an_entry_that_is_no_answer_is_asked_for_anew(cached, world, ask, folder, value):
    client = cached(a=["first", "second"])
    ask(client)
    spoil(folder, value)
    assert [ask(client)[0].content for _ in range(2)] == ["second", "second"]
    assert world.asked == ["a", "a"]


def test_an_entry_with_values_that_cannot_be_is_asked_for_anew(cached, ask, folder):
    client = cached(a=["first", "second"])
    ask(client)
    with closing(sqlite3.connect(folder / ".cache" / FILE)) as file:
        stored = json.loads(file.execute("SELECT value FROM response").fetchone()[0])
    spoil(folder, json.dumps({**stored, "content": 3}))
    assert ask(client)[0].content == "second"


def test_a_damaged_file_is_told_and_the_model_is_asked(cached, ask, folder):
    (folder / ".cache").mkdir()
    (folder / ".cache" / FILE).write_bytes(b"no database at all, whatever the name says " * 50)
    client = cached(a=["first", "second"])
    with pytest.warns(CacheWarning, match="not a database"):
        assert [ask(client)[0].content for _ in range(2)] == ["first", "second"]


def test_an_answer_that_is_no_data_is_given_and_not_stored(cached, ask):
    client = cached(a=[[CreateResult("hi", logprobs=object())]] * 2)
    with pytest.warns(CacheWarning, match="an answer cannot be stored"):
        assert [ask(client)[0].cached for _ in range(2)] == [False, False]
