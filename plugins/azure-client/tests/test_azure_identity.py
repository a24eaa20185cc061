"""azure-identity's real credentials, asked at an identity service on loopback; skipped where it is not installed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from quorate.errors import ModelError

identity = pytest.importorskip("azure.identity", reason="azure-identity is not installed (the extra [identity])")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # of its own

HELLO = [{"role": "user", "content": "hello"}]
SCOPE = "https://cognitiveservices.azure.com/.default"
HEADER = "secret-of-the-identity-service"


class IdentityService:
    """The managed-identity endpoint that App Service gives a program, with tokens counted up.

    https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
    """

    def __init__(self):
        service = self
        self.asked = []
        self.lifetime = 3600

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                allowed = self.headers.get("X-IDENTITY-HEADER") == HEADER
                service.asked.append(parse_qs(urlsplit(self.path).query).get("resource", [""])[0])
                token = f"token-{len(service.asked)}"
                good = {"access_token": token, "expires_on": str(int(time.time()) + service.lifetime)}
                good |= {"resource": "r", "token_type": "Bearer"}
                body = json.dumps(good if allowed else {"error": "invalid_request"}).encode()
                self.send_response(200 if allowed else 401)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/msi/token"
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    def stop(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def service(monkeypatch):
    service = IdentityService()
    monkeypatch.setenv("IDENTITY_ENDPOINT", service.url)
    monkeypatch.setenv("IDENTITY_HEADER", HEADER)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield service
    service.stop()


def authorizations(server):
    return [request.headers.get("authorization") for request in server.chats]


@pytest.mark.parametrize("which", ["DEFAULT", "default credential", "managed identity"])
def test_a_token_is_fetched_once_and_sent_with_every_request(make, server, service, ask, which):
    if which == "DEFAULT":
        provider = which
    else:
        cls = identity.ManagedIdentityCredential if which.startswith("managed") else identity.DefaultAzureCredential
        provider = identity.get_bearer_token_provider(cls(), SCOPE)
    client = make(server, api_key=None, azure_ad_token_provider=provider)
    for _ in range(2):  # event loops in turn
        asyncio.run(ask(client, HELLO))
    assert service.asked == ["https://cognitiveservices.azure.com"]
    assert authorizations(server) == ["Bearer token-1"] * 2


def test_a_token_about_to_expire_is_fetched_anew(make, server, service, ask):
    service.lifetime = 60  # azure-identity renews what has less than five minutes left
    client = make(server, api_key=None, azure_ad_token_provider="DEFAULT")
    for _ in range(2):
        asyncio.run(ask(client, HELLO))
    assert authorizations(server) == ["Bearer token-1", "Bearer token-2"]


def test_threads_share_one_credential(make, server, service):
    client = make(server, api_key=None, azure_ad_token_provider="DEFAULT")
    threads = [threading.Thread(target=lambda: asyncio.run(client.create(HELLO))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.chats) == 8
    assert set(authorizations(server)) <= {f"Bearer token-{n}" for n in range(1, len(service.asked) + 1)}


@pytest.mark.parametrize("refusal", ["wrong header", "out of reach"])
def test_an_identity_service_that_gives_none(make, server, service, monkeypatch, ask, refusal):
    if refusal == "wrong header":
        monkeypatch.setenv("IDENTITY_HEADER", "another")
    else:
        monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:9/msi/token")
    # Without retries of its own, which take it half a minute.
    provider = identity.get_bearer_token_provider(identity.ManagedIdentityCredential(retry_total=0), SCOPE)
    with pytest.raises(ModelError, match="no token from azure_ad_token_provider") as caught:
        asyncio.run(ask(make(server, api_key=None, azure_ad_token_provider=provider), HELLO))
    assert caught.value.kind in ("auth", "network")
    assert HEADER not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert server.requests == []


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for the command line tool is a shell script")
def test_the_command_line_tools_login(make, server, tmp_path, monkeypatch, ask):
    answer = {"accessToken": "token-of-az", "expires_on": 4070908800, "expiresOn": "2099-01-01 00:00:00.000000"}
    answer |= {"subscription": "s", "tenant": "t", "tokenType": "Bearer"}
    tool = tmp_path / "az"
    tool.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    provider = identity.get_bearer_token_provider(identity.AzureCliCredential(), SCOPE)
    asyncio.run(ask(make(server, api_key=None, azure_ad_token_provider=provider), HELLO))
    assert authorizations(server) == ["Bearer token-of-az"]
