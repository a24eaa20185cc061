"""Keys, Entra ID tokens and token providers: which one is sent, how, and what is said when there is none."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from quorate.errors import ConfigError, MissingDependency, ModelError

HELLO = [{"role": "user", "content": "hello"}]
TOKEN = "eyJhbGciOi.first-token.x"
NO_KEY = {"api_key": None}


def sent(server):
    return [(each.headers.get("api-key"), each.headers.get("authorization")) for each in server.requests]


def refused(ask, client):
    with pytest.raises(ModelError) as caught:
        asyncio.run(ask(client, HELLO))
    error = caught.value
    assert (error.__context__, error.__cause__) == (None, None)
    return error


@pytest.mark.parametrize("route", ["dated", "v1"])
def test_a_key_and_a_token_each_have_their_header(make, server, v1_server, ask, route):
    at, version = (server, "2024-10-21") if route == "dated" else (v1_server, "v1")
    asyncio.run(ask(make(at, api_version=version), HELLO))
    asyncio.run(ask(make(at, api_version=version, api_key=None, azure_ad_token=TOKEN), HELLO))
    assert sent(at) == [("key-of-the-resource", None), (None, f"Bearer {TOKEN}")]


@pytest.mark.parametrize("kind", ["sync", "async", "object"])
def test_a_provider_is_asked_for_each_request(make, server, ask, kind):
    asked = []

    def give():
        asked.append(threading.current_thread() is threading.main_thread())
        return f"token-{len(asked)}"

    async def give_later():
        await asyncio.sleep(0)
        return give()

    class Giver:
        async def __call__(self):
            return give()

    provider = {"sync": give, "async": give_later, "object": Giver()}[kind]
    client = make(server, api_key=None, azure_ad_token_provider=provider)

    async def main():
        for _ in range(3):
            await ask(client, HELLO)

    asyncio.run(main())
    assert sent(server) == [(None, f"Bearer token-{n}") for n in (1, 2, 3)]
    assert asked == [kind != "sync"] * 3, "a provider that may block is asked in a thread"


@pytest.mark.parametrize(
    ("problem", "kind", "said"),
    [
        (PermissionError("az login first"), "network", "PermissionError: az login first"),
        (ValueError(f"cannot read {TOKEN}"), "auth", r"ValueError: cannot read \*\*\*"),
        ("", "auth", "gave str that is no token"),
        (None, "auth", "gave NoneType that is no token"),
        ("two\nlines", "auth", "gave str that is no token"),
    ],
)
def test_a_provider_that_gives_no_token(make, server, ask, problem, kind, said):
    def provider():
        if isinstance(problem, Exception):
            raise problem
        return problem

    error = refused(ask, make(server, api_key=None, azure_ad_token_provider=provider))
    assert error.kind == kind
    assert server.requests == []
    with pytest.raises(ModelError, match=said):
        raise error


def test_what_a_provider_raises_of_ours_is_raised_as_it_is(make, server, ask):
    def provider():
        raise ModelError("slow down", kind="rate_limit", retry_after=3.0)

    assert refused(ask, make(server, api_key=None, azure_ad_token_provider=provider)).retry_after == 3.0


def test_cancelling_does_not_wait_for_a_provider_that_blocks(make, server):
    release, entered = threading.Event(), threading.Event()

    def provider():
        entered.set()
        release.wait(20)
        return "t"

    async def main():
        task = asyncio.create_task(make(server, api_key=None, azure_ad_token_provider=provider).create(HELLO))
        await asyncio.to_thread(entered.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not release.is_set()
        release.set()

    asyncio.run(main())
    assert server.requests == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"azure_ad_token": "t"}, "names api_key and azure_ad_token; give one credential"),
        ({"azure_ad_token_provider": "DEFAULT"}, "names api_key and azure_ad_token_provider; give one credential"),
        ({"api_key": None, "azure_ad_token": "a\nb"}, "azure_ad_token: must be the text of an Entra ID token"),
        ({"api_key": None, "azure_ad_token": 5}, "azure_ad_token: must be the text"),
        ({"api_key": None, "azure_ad_token_provider": "other"}, 'must be a function that gives a token, or "DEFAULT"'),
        ({"api_key": None, "azure_ad_token_provider": 5}, "not int"),
    ],
)
def test_credentials_that_cannot_be_used(make, server, entry, message):
    with pytest.raises(ConfigError, match=message):
        make(server, **entry)


def test_a_credential_in_place_of_a_provider_is_told_apart(make, server):
    class Credential:
        def get_token(self, *scopes):
            raise AssertionError

    with pytest.raises(ConfigError, match=r"wrap a credential with .*get_bearer_token_provider"):
        make(server, api_key=None, azure_ad_token_provider=Credential())


def test_without_a_credential_the_endpoint_is_not_even_called(make, server, ask):
    error = refused(ask, make(server, api_key=None))
    assert error.kind == "auth"
    assert "set AZURE_OPENAI_API_KEY, or give api_key in the entry" in str(error)
    assert 'azure_ad_token_provider, such as "DEFAULT"' in str(error)
    assert server.requests == []


@pytest.mark.parametrize("name", ["API-Key", "authorization"])
@pytest.mark.parametrize("where", ["config", "call"])
def test_a_header_of_the_users_own_is_the_credential(make, server, ask, name, where):
    headers = {name: "Basic abcdefgh"}
    if where == "config":
        asyncio.run(ask(make(server, default_headers=headers), HELLO))
    else:
        asyncio.run(ask(make(server), HELLO, extra_headers=headers))
    expected = ("Basic abcdefgh", None) if name == "API-Key" else (None, "Basic abcdefgh")
    assert sent(server) == [expected]


def test_without_azure_identity_the_error_says_what_to_install(tmp_path):
    # An interpreter that finds everything but azure-identity.
    code = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "azure":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hide())
from quorate.errors import MissingDependency
from quorate_azure_client import AzureOpenAIChatCompletionClient
try:
    AzureOpenAIChatCompletionClient(model="m", base_url="http://127.0.0.1:9", api_version="v1",
                                    azure_ad_token_provider="DEFAULT")
except MissingDependency as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert 'pip install "quorate-azure-client[identity]"' in done.stdout
    assert issubclass(MissingDependency, ImportError)
