"""A credential belongs to an origin: it arrives there and nowhere else, whatever the environment holds."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle

import pytest

import quorate_azure_client
from pytest_quorate import ScriptedServer
from quorate import Kernel, config_list_from_json
from quorate.errors import ConfigError, ModelError

HELLO = [{"role": "user", "content": "hello"}]
KEY = "key-from-the-environment"
TOKEN = "token-from-the-environment"
OWN = "key-of-this-entry"


@pytest.fixture
def other():
    with ScriptedServer(prefix="/openai/deployments/m") as server:
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


def credentials(server):
    return {(each.headers.get("api-key"), each.headers.get("authorization")) for each in server.requests}


@pytest.fixture
def tempting_environment(monkeypatch, other):
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"api-key: {KEY}\nAuthorization: Bearer {KEY}\nX-Custom: {KEY}")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", TOKEN)
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", other.url)
    monkeypatch.setenv("OPENAI_BASE_URL", other.url)


@pytest.mark.usefixtures("tempting_environment")
@pytest.mark.parametrize("named", ["base_url", "azure_endpoint"])
@pytest.mark.parametrize("by", ["hand", "kernel"])
def test_nothing_of_the_environment_reaches_an_endpoint_that_the_entry_names(make, server, other, named, by):
    entry = {"client": "azure", "model": "m", named: server.url, "api_version": "2024-10-21"}
    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_azure_client, "azure-client")
        client = (
            kernel.chat_client(entry)
            if by == "kernel"
            else make(server, **{"base_url": None, "api_key": None, **entry})
        )
        with pytest.raises(ModelError, match=f"goes to {other.url} only") as caught:
            ask(client)
    assert caught.value.kind == "auth"
    assert server.requests == other.requests == []


@pytest.mark.usefixtures("tempting_environment")
@pytest.mark.parametrize("own", ["api_key", "azure_ad_token"])
def test_the_own_credential_of_an_entry_is_sent_and_no_other(make, server, own):
    ask(make(server, **{"api_key": None, own: OWN}))
    assert credentials(server) == {(OWN, None) if own == "api_key" else (None, f"Bearer {OWN}")}
    assert KEY not in everything(server)
    assert TOKEN not in everything(server)


@pytest.mark.parametrize("variables", [{"API_KEY"}, {"AD_TOKEN"}, {"API_KEY", "AD_TOKEN"}])
@pytest.mark.parametrize("named", [None, "base_url", "azure_endpoint"])
@pytest.mark.parametrize("by", ["hand", "kernel"])
def test_the_environments_credential_goes_to_the_environments_endpoint(make, monkeypatch, server, variables, named, by):
    values = {"API_KEY": KEY, "AD_TOKEN": TOKEN}
    for name in variables:
        monkeypatch.setenv(f"AZURE_OPENAI_{name}", values[name])
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", f"{server.url}/")
    entry = {"client": "azure", "model": "m", "api_version": "2024-10-21"} | ({named: server.url} if named else {})
    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_azure_client, "azure-client")
        ask(
            kernel.chat_client(entry)
            if by == "kernel"
            else make(server, **{"base_url": None, "api_key": None, **entry})
        )
    expected = (None, f"Bearer {TOKEN}") if "AD_TOKEN" in variables else (KEY, None)
    assert credentials(server) == {expected}, "as in the SDK, a token wins over a key"


@pytest.mark.usefixtures("tempting_environment")
def test_the_own_key_of_an_entry_wins_at_the_environments_endpoint_too(make, other):
    ask(make(other, api_key=OWN))
    assert credentials(other) == {(OWN, None)}


@pytest.mark.parametrize("named", ["base_url", "azure_endpoint"])
def test_the_own_key_of_an_entry_in_an_environment_variable_is_its_own(monkeypatch, server, named):
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", TOKEN)
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", server.url)
    entry = {"client": "azure", "model": "m", "api_key": OWN, named: server.url, "api_version": "2024-10-21"}
    monkeypatch.setenv("OAI_CONFIG_LIST", json.dumps([entry]))
    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_azure_client, "azure-client")
        ask(kernel.chat_client({"config_list": config_list_from_json("OAI_CONFIG_LIST")}))
    assert credentials(server) == {(OWN, None)}


def test_a_token_without_an_endpoint_in_the_environment_goes_nowhere(make, monkeypatch, server):
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", TOKEN)
    with pytest.raises(ModelError, match="AZURE_OPENAI_AD_TOKEN goes to the endpoint that AZURE_OPENAI_ENDPOINT names"):
        ask(make(server, api_key=None))
    assert server.requests == []


def test_two_endpoints_in_one_entry_are_refused(make, server, other):
    with pytest.raises(ConfigError, match="azure_endpoint: says something else than base_url"):
        make(server, azure_endpoint=other.url)
    make(server, azure_endpoint=f"{server.url}/")
    with pytest.raises(ConfigError, match="azure_endpoint: must be a full URL"):
        make(server, base_url=None, azure_endpoint="r.openai.azure.com")


def test_two_clients_side_by_side_keep_their_keys_apart(make, server, other):
    ask(make(server, api_key="key-one"))
    ask(make(other, api_key="key-two"))
    assert credentials(server) == {("key-one", None)}
    assert credentials(other) == {("key-two", None)}


@pytest.mark.parametrize("credential", [{"api_key": OWN}, {"api_key": None, "azure_ad_token_provider": lambda: OWN}])
def test_a_redirect_takes_no_credential_along(make, server, other, credential):
    for status in (301, 302, 303, 307, 308):
        server.status(status, headers={"location": f"{other.base_url}/chat/completions"})
        with pytest.raises(ModelError, match="redirects are not followed") as caught:
            ask(make(server, **credential))
        assert caught.value.kind == "bad_response"
    assert other.connections_opened == 0


@pytest.mark.parametrize("credential", [{"api_key": OWN}, {"api_key": None, "azure_ad_token": OWN}])
def test_no_secret_in_reprs_logs_and_pickles(make, server, caplog, credential):
    caplog.set_level(logging.DEBUG)
    client = make(server, **credential)
    ask(client)
    assert server.requests
    shown = f"{client!r} {client} {client.__dict__!r} {client._settings!r} {client._clients.__dict__!r}"
    assert OWN not in shown
    assert caplog.records
    assert OWN not in caplog.text
    with pytest.raises((TypeError, pickle.PicklingError, AttributeError)):
        pickle.dumps(client)
