"""The config loader ``keys``: one entry per key that the program has in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.config.entries import ConfigEntry
from quorate.config.guards import is_text
from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence


def load_keys(
    api_keys: Sequence[str],
    base_urls: Sequence[str] | None = None,
    api_type: str | None = None,
    api_version: str | None = None,
) -> list[ConfigEntry]:
    """One entry per key that is not blank.

    Args:
        api_keys: the keys; a blank one leaves its endpoint out too.
        base_urls: an endpoint for each key.
        api_type: the model client for all of them.
        api_version: the protocol version for all of them.

    Raises:
        ConfigError: keys and endpoints differ in number, or one is malformed.
    """
    for name, value in (("api_keys", api_keys), ("base_urls", base_urls)):
        if is_text(value):
            msg = f"{name}: must be a list of texts, not one text"
            raise ConfigError(msg)
    if base_urls and len(base_urls) != len(api_keys):
        msg = f"base_urls: {len(base_urls)} endpoints for {len(api_keys)} keys; give one for each"
        raise ConfigError(msg)
    urls = base_urls or [""] * len(api_keys)
    shared = {"api_type": api_type, "api_version": api_version}
    return [
        ConfigEntry.checked(
            {name: value for name, value in {"api_key": key, "base_url": url, **shared}.items() if value},
            place=f"api_keys[{index}]",
            sources="an argument of get_config_list",
        )
        for index, (key, url) in enumerate(zip(api_keys, urls, strict=True))
        if key and key.strip()
    ]
