"""The environment variables that executed code gets: an allow-list, never a key of ours."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALLOWED: Final = frozenset(
    """
    PATH HOME USER LOGNAME SHELL TMPDIR TZ LANG LANGUAGE
    VIRTUAL_ENV CONDA_PREFIX LD_LIBRARY_PATH DYLD_LIBRARY_PATH CUDA_VISIBLE_DEVICES
    SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
    HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
    SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT TEMP TMP USERNAME USERPROFILE HOMEDRIVE HOMEPATH
    APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86) NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE
    """.split()
)

_FIXED: Final = {
    # Python's output is UTF-8 whatever the locale, comes in the order it was written, and is there on a time-out.
    "PYTHONUTF8": "1",
    "PYTHONIOENCODING": "utf-8:backslashreplace",
    "PYTHONUNBUFFERED": "1",
    # pip asks nothing (there is nobody to answer), draws no bars, and says only what went wrong.
    "PIP_NO_INPUT": "1",
    "PIP_PROGRESS_BAR": "off",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_QUIET": "1",
    "PIP_ROOT_USER_ACTION": "ignore",
}


def code_environment(ours: Mapping[str, str], extra: Mapping[str, str], bin_path: str | None) -> dict[str, str]:
    """Make the environment of executed code.

    Args:
        ours: our own environment; only what the allow-list names is taken from it.
        extra: variables that the user names; they win.
        bin_path: a virtual environment's folder of programs; they are found first.

    Raises:
        ConfigError: ``extra`` holds what cannot be a variable.
    """
    made = {name: value for name, value in ours.items() if _allowed(name.upper(), value)}
    if not any(name in made for name in ("LC_ALL", "LC_CTYPE", "LANG")):
        made["LANG"] = "C.UTF-8"
    made |= _FIXED
    path = made.get("PATH", os.defpath)
    if bin_path:
        made |= {"PATH": f"{bin_path}{os.pathsep}{path}", "VIRTUAL_ENV": os.path.dirname(bin_path)}  # noqa: PTH120
    else:
        made["PATH"] = path
    return made | _checked(extra)


def _checked(given: Mapping[Any, Any]) -> dict[str, str]:
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, str) or not name or "=" in name or "\0" in name + value:
            msg = f"env: variables are texts by name; {name!r} cannot be one with the value given"
            raise ConfigError(msg)
    return dict(given)


def own_bin_path() -> str | None:
    """Our own virtual environment's programs, if we run in one: ``pip`` in a shell block is then its pip."""
    return os.path.dirname(sys.executable) if sys.prefix != sys.base_prefix and sys.executable else None  # noqa: PTH120


def _allowed(name: str, value: str) -> bool:
    if name.endswith("_PROXY"):
        return name in _ALLOWED and "@" not in value  # one with a password stays ours
    if name in ("LANG", "LANGUAGE") or name.startswith("LC_"):
        return "utf-8" in value.lower() or "utf8" in value.lower()
    return name in _ALLOWED
