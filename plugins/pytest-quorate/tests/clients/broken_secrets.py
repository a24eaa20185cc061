"""Clients that give the key away, each in one way."""

# ruff: noqa: RUF012 - nobody changes these sets

from __future__ import annotations

import logging
import os
import sys
import warnings
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from broken_failures import Failing, remade
from honest_client import RECORD, HonestClient

from quorate.config import ModelConfig


def key_of(client):
    return client.config.api_key.get_secret_value() if client.config.api_key else "none"


class PutsItIntoThePath(HonestClient):
    fails = {"test_the_key_arrives"}

    def head(self, url, body):
        return super().head(url, body).replace(b"completions ", f"completions?key={key_of(self)} ".encode(), 1)


class KeepsItForItself(HonestClient):
    fails = {"test_the_key_arrives", "test_the_key_of_the_environment_belongs_to_its_origin"}

    def head(self, url, body):
        return super().head(url, body).replace(b"authorization", b"x-date").replace(key_of(self).encode(), b"")


class TakesWhatIsThere(HonestClient):
    fails = {"test_no_key_of_the_environment"}

    def head(self, url, body):
        key = os.environ.get("OPENAI_API_KEY", "none")
        return super().head(url, body).replace(b"connection:", f"x-key: {key}\r\nconnection:".encode(), 1)


class KnowsNoOrigins(HonestClient):
    fails = {"test_no_key_of_the_environment", "test_the_key_of_the_environment_belongs_to_its_origin"}

    def head(self, url, body):
        key = os.environ.get(RECORD.api_key_env[0], "none")
        return super().head(url, body).replace(b"connection:", f"x-key: {key}\r\nconnection:".encode(), 1)


class KnowsHostsOnly(HonestClient):
    fails = {"test_the_key_of_the_environment_belongs_to_its_origin"}

    def head(self, url, body):
        home = urlsplit(os.environ.get(RECORD.base_url_env[0], ""))
        key = os.environ.get(RECORD.api_key_env[0], "none") if home.hostname == url.hostname else "none"
        return super().head(url, body).replace(b"connection:", f"x-key: {key}\r\nconnection:".encode(), 1)


class Follows(HonestClient):
    fails = {"test_a_redirect_takes_no_key_along"}

    async def exchange(self, base_url, body):
        answer = await super().exchange(base_url, body)
        if answer.status in (301, 302, 303, 307, 308):
            await answer.aclose()
            target = urljoin(base_url, answer.headers["location"]).removesuffix("/chat/completions")
            answer = await super().exchange(target, body)
        return answer


class SaysIt(HonestClient):
    fails = {"test_no_key_in_errors", "test_no_key_in_errors_of_streams"}

    @property
    def endpoint(self):
        return replace(super().endpoint, secrets=())


class SaysItInStreams(Failing):
    fails = {"test_no_key_in_errors_of_streams"}

    def changed(self, error):
        return remade(error, f"{error} ({key_of(self)})") if "no chat-completion chunk" in str(error) else error


class ChainsIt(Failing):
    fails = {"test_no_key_in_errors"}

    def changed(self, error):
        if error.status:
            error.__context__ = RuntimeError("the SDK's error", {"authorization": key_of(self)})
        return error


class HoldsIt(HonestClient):
    """Has it in a local variable of a frame that raises."""

    fails = {"test_no_key_in_errors"}

    async def create(self, messages, **request):
        headers = {"authorization": key_of(self)}
        assert headers
        return await super().create(messages, **request)


class LogsIt(HonestClient):
    fails = {"test_no_key_in_logs_warnings_and_output"}

    def head(self, url, body):
        made = super().head(url, body)
        logging.getLogger("broken.wire").debug("sent %s", made)
        return made


class LogsItQuietly(HonestClient):
    """Through a logger of its own that nobody listens to, until somebody does."""

    fails = {"test_no_key_in_logs_warnings_and_output"}

    def head(self, url, body):
        made = super().head(url, body)
        logger = logging.getLogger("broken.quiet")
        if logger.propagate and not logger.level:
            logger.propagate = False
            logger.setLevel(logging.ERROR)
        logger.debug("sent", extra={"head": made})
        return made


class PrintsIt(HonestClient):
    fails = {"test_no_key_in_logs_warnings_and_output"}

    def head(self, url, body):
        print(key_of(self), file=sys.stderr)
        return super().head(url, body)


class WarnsOfIt(HonestClient):
    fails = {"test_no_key_in_logs_warnings_and_output"}

    def head(self, url, body):
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.warn(f"{key_of(self)} is old", stacklevel=1)
        return super().head(url, body)


class ShowsIt(HonestClient):
    fails = {"test_no_key_in_representations", "test_no_key_in_errors", "test_no_key_in_errors_of_streams"}

    def __repr__(self):
        return f"<{key_of(self)}>"


class HandsItOn(HonestClient):
    fails = {"test_no_key_in_representations"}

    def __reduce__(self):
        return made_again, (self.config.model, self.config.base_url, key_of(self))


def made_again(model, base_url, key):
    return HandsItOn(ModelConfig.parse({"model": model, "base_url": base_url, "api_key": key}, place="pickle"))
