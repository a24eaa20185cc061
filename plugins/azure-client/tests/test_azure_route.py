"""Where requests go: endpoint, deployment and API version in every form that people have them."""

from __future__ import annotations

import asyncio
import warnings

import pytest

from pytest_quorate import ScriptedServer
from quorate.config import ModelConfig
from quorate.errors import ConfigError, ConfigWarning
from quorate_azure_client._route import route_of

HELLO = [{"role": "user", "content": "hello"}]
HOST = "https://r.openai.azure.com"


def config_of(**entry):
    return ModelConfig.parse({"model": "m", **entry}, place="list[0]")


@pytest.mark.parametrize(
    ("base_url", "version", "base", "path", "query"),
    [
        (HOST, "2024-10-21", f"{HOST}/openai", "/deployments/m/chat/completions", {"api-version": "2024-10-21"}),
        (f"{HOST}/", "2024-10-21", f"{HOST}/openai", "/deployments/m/chat/completions", {"api-version": "2024-10-21"}),
        (
            f"{HOST}/openai/",
            "2025-04-01-preview",
            f"{HOST}/openai",
            "/deployments/m/chat/completions",
            {"api-version": "2025-04-01-preview"},
        ),
        (
            f"{HOST}/openai/deployments/gpt-4.1",
            "2024-10-21",
            f"{HOST}/openai",
            "/deployments/gpt-4.1/chat/completions",
            {"api-version": "2024-10-21"},
        ),
        (
            f"{HOST}/openai/deployments/d/chat/completions?api-version=2025-01-01-preview&x=1",
            None,
            f"{HOST}/openai",
            "/deployments/d/chat/completions",
            {"x": "1", "api-version": "2025-01-01-preview"},
        ),
        (f"{HOST}/openai/v1", None, f"{HOST}/openai/v1", "/chat/completions", {}),
        (f"{HOST}/openai/v1/", "v1", f"{HOST}/openai/v1", "/chat/completions", {}),
        (f"{HOST}/openai/v1", "preview", f"{HOST}/openai/v1", "/chat/completions", {"api-version": "preview"}),
        (HOST, "v1", f"{HOST}/openai/v1", "/chat/completions", {}),
        (HOST, "preview", f"{HOST}/openai/v1", "/chat/completions", {"api-version": "preview"}),
        (
            "https://gateway.example/team/openai",
            "2024-10-21",
            "https://gateway.example/team/openai",
            "/deployments/m/chat/completions",
            {"api-version": "2024-10-21"},
        ),
        (
            "https://r.services.ai.azure.com/api/projects/p/openai/v1",
            None,
            "https://r.services.ai.azure.com/api/projects/p/openai/v1",
            "/chat/completions",
            {},
        ),
    ],
)
def test_routes(base_url, version, base, path, query):
    route = route_of(config_of(base_url=base_url, api_version=version), {})
    assert (route.base_url, route.path, route.query) == (base, path, query)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "names no endpoint; give base_url"),
        ({"base_url": HOST}, 'names no API version; give api_version a date such as "2024-10-21"'),
        ({"base_url": HOST, "api_version": "2024-1-1"}, r"list\[0\].api_version: must be a date such as"),
        ({"base_url": HOST, "api_version": "v1", "model": ""}, "names no deployment"),
        ({"base_url": HOST, "api_version": "v1", "model": ".."}, "names no deployment"),
        ({"base_url": HOST, "api_version": "v1", "azure_deployment": 4}, "azure_deployment: must be text, not int"),
        ({"base_url": f"{HOST}/openai/v1", "api_version": "2024-10-21"}, "v1 route, which knows no dated version"),
        (
            {"base_url": f"{HOST}/openai/deployments/a", "azure_deployment": "b", "api_version": "2024-10-21"},
            "says 'b', and the endpoint's URL 'a'",
        ),
    ],
)
def test_what_is_missing_or_contradicts_itself_is_said(entry, message):
    with pytest.raises(ConfigError, match=message):
        route_of(config_of(**entry), {})


def test_a_version_from_the_environment():
    config = config_of(base_url=HOST)
    assert route_of(config, {"OPENAI_API_VERSION": "2024-06-01"}).version == "2024-06-01"
    both = {"OPENAI_API_VERSION": "2024-06-01", "AZURE_OPENAI_API_VERSION": "2024-10-21"}
    with pytest.warns(ConfigWarning, match="AZURE_OPENAI_API_VERSION and OPENAI_API_VERSION differ"):
        assert route_of(config, both).version == "2024-10-21"
    with warnings.catch_warnings(action="error"):
        route_of(config, dict.fromkeys(both, "2024-10-21"))
        assert route_of(config_of(base_url=HOST, api_version="v1"), both).version == "v1"
        assert route_of(config_of(base_url=f"{HOST}/openai/v1"), {"OPENAI_API_VERSION": "2024-06-01"}).query == {}
    with pytest.raises(ConfigError, match="environment variable OPENAI_API_VERSION: must be a date"):
        route_of(config, {"OPENAI_API_VERSION": "yesterday"})


def test_a_default_version_of_a_loader_does_not_contradict_a_v1_url():
    config = ModelConfig.parse({"model": "m", "base_url": f"{HOST}/openai/v1", "api_version": "2024-02-01"}, place="x")
    config = config.model_copy(update={"sources": {"api_version": "default"}})
    assert route_of(config, {}).version == "v1"


@pytest.mark.parametrize(("model", "segment"), [("gpt-4.1", "gpt-4.1"), ("my model/ü?", "my%20model%2F%C3%BC%3F")])
def test_a_deployment_is_asked_for_as_written(make, model, segment):
    prefix = f"/openai/deployments/{segment}"
    with ScriptedServer(prefix=prefix) as server:
        asyncio.run(make(server, model=model).create(HELLO))
        (request,) = server.chats
    assert request.path == f"{prefix}/chat/completions?api-version=2024-10-21"
    assert request.body["model"] == model


def test_azure_deployment_wins_over_model(make, server, v1_server, ask):
    asyncio.run(ask(make(server, model="gpt-4o", azure_deployment="m"), HELLO))
    assert server.chats[0].body["model"] == "m"
    asyncio.run(ask(make(v1_server, model="gpt-4o", azure_deployment="d", api_version="v1"), HELLO))
    (request,) = v1_server.chats
    assert (request.path, request.body["model"]) == ("/openai/v1/chat/completions", "d")
    assert "azure_deployment" not in request.body


def test_query_parameters(make, server, ask):
    client = make(server, default_query={"tier": "a"})
    asyncio.run(ask(client, HELLO, extra_query={"once": "1"}))
    assert server.chats[0].path.partition("?")[2] == "tier=a&api-version=2024-10-21&once=1"


@pytest.mark.parametrize(
    ("version", "asked"), [("2024-02-01", False), ("2024-08-01-preview", False), ("2024-09-01-preview", True)]
)
def test_usage_of_streams_is_asked_for_where_the_version_knows_it(make, server, version, asked):
    async def main():
        return [part async for part in make(server, api_version=version).create_stream(HELLO)]

    result = asyncio.run(main())[-1]
    assert ("stream_options" in server.chats[0].body) is asked
    assert (result.usage is not None) is asked
