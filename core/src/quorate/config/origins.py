"""Endpoints as URLs: checking one, its origin, and what of it may be shown.

An origin is scheme, host and port, as in https://www.rfc-editor.org/rfc/rfc6454#section-4; credentials belong to one.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}
# urlsplit drops tabs and newlines, and libraries disagree about backslashes and non-ASCII dots: each would let one
# text mean two hosts, so none of them is let in.
_PLAIN = re.compile(r"[!-\[\]-~]+")
_USER = re.compile(r"(?<=://)[^/]*@")


class Origin(NamedTuple):
    """Scheme, host and port of an endpoint."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")


def check_url(value: object) -> str:
    """An http(s) URL, stripped of surrounding white space.

    Raises:
        ValueError: it is none; the message never shows it, for people paste keys into the wrong place.
    """
    if not isinstance(value, str):
        msg = f"must be the text of an http(s) URL, not {type(value).__name__}"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError into a place
    url = value.strip()
    if not _PLAIN.fullmatch(url):
        msg = "must be a URL without spaces, backslashes or characters outside ASCII (write such a host in punycode)"
        raise ValueError(msg)
    parts = _split(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        msg = "must be a full URL such as https://example.org/v1"
        raise ValueError(msg)
    if parts.username is not None or parts.password is not None:
        msg = "must not hold a user name or password, which a URL does not keep secret; give api_key or default_headers"
        raise ValueError(msg)
    return url


def origin(url: str) -> Origin:
    """The origin of a checked URL; the host in lower case and without the root's dot, the port always there."""
    parts = _split(url)
    host = (parts.hostname or "").removesuffix(".")
    return Origin(parts.scheme, host, _PORTS[parts.scheme] if parts.port is None else parts.port)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, so that nothing said to it passes a network."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def shown(url: str) -> str:
    """The URL as people may see it: its query, a user name and a password can be or hold a key, so they are left out."""
    rest = _USER.sub("...@", url.partition("?")[0].partition("#")[0])
    return rest + ("?..." if "?" in url else "")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        broken = True
    else:
        return parts
    msg = "must be a URL with a valid host and port" if broken else ""
    raise ValueError(msg)
