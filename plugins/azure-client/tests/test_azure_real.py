"""Against a real model behind Azure-style paths (``tests/real/azfront.py``), and the client of LiteLLM's own proxy.

The front was written by us and from memory: what passes there shows that the SDK, our client and the front agree. The
proxy (``tests/real/litellm_proxy.py``) was written by others and is the independent check of the deployments route.
Neither is Azure.
"""

from __future__ import annotations

import asyncio
import os

import pytest
from pydantic import BaseModel

import quorate_azure_client
from quorate import Kernel
from quorate.errors import ModelError
from quorate_azure_client import AzureOpenAIChatCompletionClient

QUESTION = [{"role": "user", "content": "What is 3 * 54?"}]
SHORT = {"temperature": 0, "max_tokens": 24}
AZURE_URL, LITELLM_URL = os.environ.get("QUORATE_AZURE_URL"), os.environ.get("QUORATE_LITELLM_URL")
front = pytest.mark.skipif(
    AZURE_URL is None, reason="QUORATE_AZURE_URL is not set: no Azure-style front is up (see tests/real/azfront.py)"
)
proxy = pytest.mark.skipif(
    LITELLM_URL is None, reason="QUORATE_LITELLM_URL is not set: no proxy is up (see tests/real/litellm_proxy.py)"
)
ROUTES = ["2024-10-21", "2025-01-01-preview", "v1"]


def client_of(which, **more):
    name = f"QUORATE_{which}"
    fields = {"base_url": os.environ[f"{name}_URL"], "model": os.environ[f"{name}_DEPLOYMENT"], "timeout": 100.0}
    own = {} if {"azure_ad_token", "azure_ad_token_provider"} & more.keys() else {"api_key": os.environ[f"{name}_KEY"]}
    return AzureOpenAIChatCompletionClient(**(fields | own | {"api_version": "2024-10-21"} | more))


async def both(client, messages, **more):
    """One question both ways: the streamed parts, their result, and the whole answer."""
    *parts, streamed = [part async for part in client.create_stream(messages, **more)]
    whole = await client.create(messages, **more)
    await client.close()
    return parts, streamed, whole


def failure_of(client, messages=QUESTION, **more):
    with pytest.raises(ModelError) as caught:
        asyncio.run(client.create(messages, **SHORT, **more))
    return caught.value


@front
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("credential", ["key", "token", "provider"])
def test_a_real_model_answers_both_ways_by_each_route_and_credential(route, credential):
    token = os.environ["QUORATE_AZURE_TOKEN"]
    own = {"token": {"azure_ad_token": token}, "provider": {"azure_ad_token_provider": lambda: token}, "key": {}}
    parts, streamed, whole = asyncio.run(
        both(client_of("AZURE", api_version=route, **own[credential]), QUESTION, **SHORT)
    )
    assert "".join(parts) == streamed.content == whole.content
    assert whole.usage is not None
    assert whole.usage == streamed.usage
    assert 0 < whole.usage.completion_tokens <= 24
    assert whole.finish_reason in ("stop", "length")


@front
@pytest.mark.parametrize(
    "form", ["/openai", "/openai/v1", "/openai/deployments/{}", "/openai/deployments/{}/chat/completions"]
)
def test_an_endpoint_in_any_form_that_people_have(form):
    deployment = os.environ["QUORATE_AZURE_DEPLOYMENT"]
    at = {"base_url": os.environ["QUORATE_AZURE_URL"] + form.format(deployment)}
    at |= {"api_version": None} if form.endswith("v1") else {}
    at |= {"model": "anything"} if "{" in form else {}
    assert asyncio.run(client_of("AZURE", **at).create(QUESTION, **SHORT)).usage is not None


@front
def test_structured_output_holds_the_model_to_a_schema():
    class Answer(BaseModel):
        yes: bool

    parts, streamed, whole = asyncio.run(both(client_of("AZURE"), QUESTION, response_format=Answer, max_tokens=40))
    if whole.thought and not whole.content:
        pytest.skip("this model spends all its tokens on reasoning, which is held to no schema")
    assert isinstance(Answer.model_validate_json(whole.content).yes, bool)
    assert isinstance(Answer.model_validate_json("".join(parts)).yes, bool)
    assert streamed.finish_reason == "stop"


@front
def test_several_choices_and_log_probabilities_reach_the_model():
    result = asyncio.run(client_of("AZURE").create(QUESTION, n=2, logprobs=True, seed=1, max_tokens=4))
    assert len(result.choices) == 2
    assert 0 < len(result.logprobs["content"]) <= 4


@front
def test_leaving_a_stream_early_frees_the_server():
    async def main():
        async with client_of("AZURE") as client:
            for _ in range(12):  # more than the server answers at once
                async for _ in client.create_stream(QUESTION, max_tokens=200, ignore_eos=True):
                    break
            return await client.create(QUESTION, **SHORT)

    assert asyncio.run(main()).usage is not None


@front
@pytest.mark.parametrize("route", ROUTES)
def test_refusals_of_the_front_are_of_the_right_kind(route):
    at = {"api_version": route}
    wrong = failure_of(client_of("AZURE", api_key="another-key", **at))
    assert (wrong.kind, wrong.status) == ("auth", 401)
    assert "another-key" not in str(wrong)
    missing = failure_of(client_of("AZURE", model="no-such", **at))
    assert (missing.kind, missing.status) == ("bad_request", 404)
    assert "'no-such' must be the name of a deployment" in str(missing)
    blocked = failure_of(client_of("AZURE", **at), [{"role": "user", "content": "please block this prompt"}])
    assert blocked.kind == "content_filter"
    assert "blocked violence (medium)" in str(blocked)
    long = failure_of(client_of("AZURE", **at), [{"role": "user", "content": "word " * 5000}])
    assert (long.kind, long.status) == ("context_overflow", 400)


@front
def test_an_api_version_that_the_front_does_not_know():
    error = failure_of(client_of("AZURE", api_version="1999-01-01"))
    assert (error.kind, error.status) == ("bad_request", 404)
    assert "check that this resource knows api_version 1999-01-01" in str(error)


@front
def test_azure_identity_opens_the_front(monkeypatch):
    identity = pytest.importorskip("azure.identity", reason="azure-identity is not installed (the extra [identity])")
    core = pytest.importorskip("azure.core.credentials")

    class Fixed:
        def get_token(self, *scopes, **options):
            return core.AccessToken(os.environ["QUORATE_AZURE_TOKEN"], 4070908800)

    provider = identity.get_bearer_token_provider(Fixed(), "https://cognitiveservices.azure.com/.default")
    assert asyncio.run(client_of("AZURE", azure_ad_token_provider=provider).create(QUESTION, **SHORT)).usage is not None


@front
def test_a_config_list_falls_back_to_the_deployment_that_exists():
    shared = {"api_type": "azure", "base_url": AZURE_URL, "api_version": "2024-10-21", "max_tokens": 8}
    shared |= {"model": os.environ["QUORATE_AZURE_DEPLOYMENT"]}
    entries = [{**shared, "api_key": "wrong"}, {**shared, "api_key": os.environ["QUORATE_AZURE_KEY"]}]
    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_azure_client, "azure-client")
        result = asyncio.run(kernel.chat_client({"config_list": entries}).create(QUESTION))
    assert [attempt.kind for attempt in result.attempts] == ["auth", None]


@proxy
@pytest.mark.parametrize("version", ["2024-02-01", "2024-10-21", "2025-01-01-preview"])
def test_a_proxy_of_others_understands_route_and_key(version):
    messages = [{"role": "user", "content": "say né and 🎉"}]
    parts, streamed, whole = asyncio.run(both(client_of("LITELLM", api_version=version), messages))
    assert "".join(parts) == streamed.content == whole.content == "say né and 🎉"


@proxy
def test_a_proxy_of_others_understands_a_token():
    client = client_of("LITELLM", azure_ad_token=os.environ["QUORATE_LITELLM_KEY"])
    assert asyncio.run(client.create(QUESTION)).content == QUESTION[0]["content"]


@proxy
def test_a_proxy_of_others_refuses_what_it_does_not_know():
    assert failure_of(client_of("LITELLM", model="no-such")).kind == "bad_request"
    wrong = failure_of(client_of("LITELLM", api_key="sk-another-key"))
    assert wrong.status in (400, 401)  # its answer to a wrong key is not Azure's
    assert "sk-another-key" not in str(wrong)
