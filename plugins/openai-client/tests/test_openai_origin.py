"""A key belongs to an origin: it arrives there and nowhere else, whatever the environment holds."""

from __future__ import annotations

import asyncio
import logging
import pickle

import pytest

from pytest_quorate import ScriptedServer
from quorate.errors import ModelError
from quorate_openai_client import RECORD, OpenAIChatCompletionClient

HELLO = [{"role": "user", "content": "hello"}]
KEY = "sk-from-the-environment"
OWN = "sk-of-this-entry"


@pytest.fixture
def other():
    with ScriptedServer() as server:
        yield server


def ask(client):
    async def main():
        await client.create(HELLO)
        async for _ in client.create_stream(HELLO):
            pass
        await client.close()

    asyncio.run(main())


def everything(server):
    return repr([(request.path, sorted(request.headers.items()), request.body) for request in server.requests])


def authorizations(server):
    return {request.headers.get("authorization") for request in server.requests}


@pytest.fixture
def tempting_environment(monkeypatch):
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {KEY}\nX-Custom: {KEY}")


@pytest.mark.usefixtures("tempting_environment")
def test_nothing_of_the_environment_reaches_an_endpoint_that_the_configuration_names(scripted_server):
    ask(OpenAIChatCompletionClient(model="m", base_url=scripted_server.base_url))
    assert authorizations(scripted_server) == {None}
    assert KEY not in everything(scripted_server)
    assert len(scripted_server.requests) == 2


@pytest.mark.usefixtures("tempting_environment")
def test_the_own_key_of_an_entry_is_sent_and_no_other(scripted_server):
    ask(OpenAIChatCompletionClient(model="m", base_url=scripted_server.base_url, api_key=OWN))
    assert authorizations(scripted_server) == {f"Bearer {OWN}"}
    assert KEY not in everything(scripted_server)


def test_the_key_goes_to_the_endpoint_that_the_environment_names_and_to_no_other_port(
    monkeypatch, scripted_server, other
):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", scripted_server.base_url)
    ask(OpenAIChatCompletionClient(model="m"))
    ask(OpenAIChatCompletionClient(model="m", base_url=f"{scripted_server.url}/v1/"))
    ask(OpenAIChatCompletionClient(model="m", base_url=other.base_url))
    assert authorizations(scripted_server) == {f"Bearer {KEY}"}
    assert len(scripted_server.requests) == 4
    assert authorizations(other) == {None}


def test_two_clients_side_by_side_keep_their_keys_apart(scripted_server, other):
    first = OpenAIChatCompletionClient(model="m", base_url=scripted_server.base_url, api_key="key-one")
    second = OpenAIChatCompletionClient(model="m", base_url=other.base_url, api_key="key-two")
    ask(first)
    ask(second)
    assert authorizations(scripted_server) == {"Bearer key-one"}
    assert authorizations(other) == {"Bearer key-two"}


def test_a_redirect_takes_no_key_along(scripted_server, other):
    for status in (301, 302, 303, 307, 308):
        scripted_server.status(status, headers={"location": f"{other.base_url}/chat/completions"})
        client = OpenAIChatCompletionClient(model="m", base_url=scripted_server.base_url, api_key=OWN)
        with pytest.raises(ModelError):
            ask(client)
    assert other.connections_opened == 0


def test_a_header_of_the_users_own_is_sent(scripted_server):
    client = OpenAIChatCompletionClient(
        model="m", base_url=scripted_server.base_url, default_headers={"authorization": "Basic abcdefgh"}
    )
    ask(client)
    assert authorizations(scripted_server) == {"Basic abcdefgh"}
    asyncio.run(client.create(HELLO, extra_headers={"AUTHORIZATION": "Basic of-this-call"}))
    assert scripted_server.requests[-1].headers["authorization"] == "Basic of-this-call"
    scripted_server.status(401, message="I know abcdefgh")
    with pytest.raises(ModelError) as caught:
        ask(client)
    assert "abcdefgh" not in str(caught.value)


def test_without_a_key_the_default_endpoint_is_not_even_called():
    client = OpenAIChatCompletionClient(model="m")
    with pytest.raises(ModelError, match="set OPENAI_API_KEY") as caught:
        ask(client)
    assert caught.value.kind == "auth"
    assert "https://api.openai.com/v1" in str(caught.value)


def test_a_refusal_without_a_key_says_why_none_was_sent(monkeypatch, scripted_server):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    scripted_server.status(401)
    with pytest.raises(ModelError, match=r"OPENAI_API_KEY goes to https://api.openai.com only") as caught:
        ask(OpenAIChatCompletionClient(model="m", base_url=scripted_server.base_url))
    assert caught.value.kind == "auth"


def test_organization_and_project_of_the_environment_are_for_openai_alone(monkeypatch, scripted_server):
    from quorate.config import ModelConfig
    from quorate_openai_client._settings import settings_of

    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    home = ModelConfig.parse({"model": "m", "base_url": RECORD.base_url}, place="x")
    away = ModelConfig.parse({"model": "m", "base_url": scripted_server.base_url}, place="x")
    assert settings_of(home).headers == {"OpenAI-Organization": "org-1", "OpenAI-Project": "proj-1"}
    assert settings_of(away).headers == {}


def test_no_secret_in_reprs_logs_and_pickles(scripted_server, caplog):
    caplog.set_level(logging.DEBUG)
    client = OpenAIChatCompletionClient(model="m", base_url=scripted_server.base_url, api_key=OWN)
    ask(client)
    assert scripted_server.requests
    shown = f"{client!r} {client} {client.__dict__!r} {client._settings!r} {client._clients.__dict__!r}"
    assert OWN not in shown
    assert caplog.records
    assert OWN not in caplog.text
    with pytest.raises((TypeError, pickle.PicklingError, AttributeError)):
        pickle.dumps(client)
