"""What an executor may claim, and what each level of isolation stands for."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CAPABILITIES: Mapping[str, str] = MappingProxyType(
    {
        "drops_privileges": "code has no capability of the kernel and cannot gain one",
        "ends_background": "when a block ends, so does everything it started",
        "ends_with_us": "when our process is killed, so is the code",
        "hides_files": "code cannot read files outside the work directory",
        "hides_processes": "code cannot read the environment of our processes",
        "keeps_files": "code cannot change files outside the work directory",
        "keeps_signals": "code cannot signal our processes",
        "keeps_state": "what one block defines, the next one finds",
    }
)
"""What an executor may claim to guarantee."""

LIMITS: Mapping[str, str] = MappingProxyType(
    {
        "cpu": "seconds of processor time",
        "file_size": "bytes of one file",
        "memory": "bytes of memory",
        "processes": "processes at once",
    }
)
"""What an executor may claim to limit."""

_CONTAINED = frozenset(
    {
        "drops_privileges",
        "ends_background",
        "ends_with_us",
        "hides_files",
        "hides_processes",
        "keeps_files",
        "keeps_signals",
    }
)
LEVELS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = MappingProxyType(
    {
        "none": (frozenset(), frozenset()),
        "process": (frozenset({"ends_background", "hides_processes", "keeps_signals"}), frozenset()),
        "container": (_CONTAINED, frozenset({"memory", "processes"})),
        "vm": (_CONTAINED, frozenset({"memory", "processes"})),
    }
)
"""For each level of isolation the guarantees and the limits that an executor must claim, and so prove."""
