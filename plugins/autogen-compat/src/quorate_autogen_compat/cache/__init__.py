"""The response cache."""

from __future__ import annotations

from quorate_autogen_compat.cache.abstract_cache_base import AbstractCache
from quorate_autogen_compat.cache.cache import Cache

__all__ = ["AbstractCache", "Cache"]
