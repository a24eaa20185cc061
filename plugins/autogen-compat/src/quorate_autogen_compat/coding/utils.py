"""Not needed any more: what prepared code before it ran is inside the core's executors."""

from __future__ import annotations

from quorate_autogen_compat._missing import refusing

MISSING = {
    "silence_pip": "executed code gets an environment in which pip is quiet",
}

__getattr__ = refusing(__name__, MISSING)
