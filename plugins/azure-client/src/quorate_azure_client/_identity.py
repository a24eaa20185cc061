"""``azure_ad_token_provider = "DEFAULT"``: azure-identity's DefaultAzureCredential, imported when it is first asked."""

from __future__ import annotations

import threading
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from quorate.errors import MissingDependency

if TYPE_CHECKING:
    from collections.abc import Callable

SCOPE = "https://cognitiveservices.azure.com/.default"
"""What the token is for; the same as AutoGen 0.2 asks for."""


def default_provider() -> Callable[[], str]:
    """A provider that finds an identity the way Azure's tools do, and renews its token shortly before it expires.

    Raises:
        MissingDependency: azure-identity is not installed.
    """
    if not _is_installed():
        raise MissingDependency(_missing(), name="azure.identity")
    lock = threading.Lock()
    made: list[Callable[[], str]] = []

    def token() -> str:
        with lock:
            if not made:
                made.append(_made())
        return made[0]()

    return token


def _is_installed() -> bool:
    try:
        return find_spec("azure.identity") is not None
    except ModuleNotFoundError:  # there is no "azure" at all
        return False


def _made() -> Callable[[], str]:
    try:
        identity: Any = import_module("azure.identity")  # no type checker need have it
    except ImportError as error:
        raise MissingDependency(_missing(), name=error.name) from error
    provider: Callable[[], str] = identity.get_bearer_token_provider(identity.DefaultAzureCredential(), SCOPE)
    return provider


def _missing() -> str:
    return (
        'azure_ad_token_provider "DEFAULT" of the plugin azure-client needs the library azure-identity, which is not '
        'installed; pip install "quorate-azure-client[identity]"'
    )
