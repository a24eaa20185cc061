"""What an agent may require of its executor: a level of isolation, and that code does not reach the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from quorate.errors import ConfigError
from quorate.records import Isolation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quorate.records import CodeExecutorRecord

LEVELS: Final[tuple[str, ...]] = get_args(Isolation)
"""The levels of isolation, the weakest first."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What an executor must guarantee.

    Attributes:
        isolation: the weakest level that will do.
        network: False when code must not reach the network; None when that does not matter.
    """

    isolation: str = "none"
    network: bool | None = None

    @classmethod
    def parse(cls, given: object, place: str) -> Requirement:
        """Read it from a configuration: ``{"isolation": "container", "network": False}``, either key alone too.

        Raises:
            ConfigError: it is something else; ``place`` is where.
        """
        if not isinstance(given, Mapping) or not given:
            msg = f'{place}: must be a dict with "isolation", "network" or both, not {given!r}'
            raise ConfigError(msg)
        wanted = cast("Mapping[str, Any]", given)
        if unknown := [key for key in wanted if key not in ("isolation", "network")]:
            msg = f'{place}.{unknown[0]}: unknown key; what can be required is "isolation" and "network"'
            raise ConfigError(msg)
        if (level := wanted.get("isolation", "none")) not in LEVELS:
            msg = f"{place}.isolation: must be one of {', '.join(LEVELS)}, not {level!r}"
            raise ConfigError(msg)
        if wanted.get("network", False) is not False:
            msg = f"{place}.network: must be False, or left out when the network does not matter; not {wanted['network']!r}"
            raise ConfigError(msg)
        return cls(level, False if "network" in wanted else None)

    def shortfall(self, isolation: object, network: object) -> str:
        """Say what an executor lacks that declares these two; empty when it lacks nothing. What is unknown is lacking."""
        lacks: list[str] = []
        if isolation not in LEVELS:
            lacks += [f"declares no isolation where {self.isolation!r} is required"] if self.isolation != "none" else []
        elif LEVELS.index(str(isolation)) < LEVELS.index(self.isolation):
            lacks += [f"has the isolation {isolation!r} where {self.isolation!r} is required"]
        if self.network is False and network is not False:
            lacks += [
                "lets code reach the network" if network is True else "does not say whether code reaches the network"
            ]
        return " and ".join(lacks)

    def satisfied_by(self, records: Iterable[CodeExecutorRecord]) -> list[str]:
        """The names of those executors that satisfy it as they are."""
        return sorted({record.name for record in records if not self.shortfall(record.isolation, record.network)})

    def __str__(self) -> str:
        level = [f"isolation {self.isolation!r} or stronger"] if self.isolation != "none" else []
        return " and ".join([*level, *(["no network"] if self.network is False else [])]) or "nothing"
