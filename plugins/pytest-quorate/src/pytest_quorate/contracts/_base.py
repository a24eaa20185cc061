"""What every contract is: tests that a plugin's own test class inherits whole, and can neither change nor lose."""

from __future__ import annotations

import inspect
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN = frozenset(
    {
        "capabilities",
        "documented_refusals",
        "host",
        "isolation",
        "known_gaps",
        "languages",
        "leftovers",
        "limits",
        "make",
        "make_client",
        "network",
        "parallel_question",
        "patience",
        "question",
        "record",
        "tool_question",
        "tools",
    }
)
"""What a plugin's test class may set; everything else that a contract defines is fixed."""


class Contract:
    """The base of all contracts.

    A class that states ``contract=True`` adds tests to a contract. Every other subclass is a plugin's own test class:
    it sets the names in ``OPEN``, may add tests, and is refused while it is being defined if it touches anything else.

    Attributes:
        contract_tests: the contract's tests by name, as they must be found on every subclass.
        fixed_parts: those, and all else of the contract that must be found unchanged.
        known_gaps: what the plugin is known not to fulfil: a test's name, or its name with the case
            (``"test_finish_reasons[length-create]"``), and the reason. Such a test is expected to fail, strictly:
            when it passes the run fails, and the entry has had its day.
        patience: seconds after which a test calls the plugin hung. It is no measure of speed.
    """

    contract_tests: ClassVar[Mapping[str, object]] = MappingProxyType({})
    known_gaps: ClassVar[Mapping[str, str]] = MappingProxyType({})
    patience: ClassVar[float] = 30.0
    fixed_parts: ClassVar[Mapping[str, object]] = MappingProxyType({})

    def __init_subclass__(cls, *, contract: bool = False, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if contract:
            _verify_new(cls)
            cls.contract_tests = MappingProxyType(_collected(cls, "contract_tests", _is_test))
            cls.fixed_parts = MappingProxyType(_collected(cls, "fixed_parts", _is_fixed))
        verify(cls)


def _collected(cls: type[Contract], attribute: str, wanted: Any) -> dict[str, object]:
    """What the bases have of it, and this contract's own."""
    found: dict[str, object] = {}
    for base in reversed(cls.__mro__[1:]):
        found |= base.__dict__.get(attribute, {})
    return found | {name: value for name, value in vars(cls).items() if wanted(name)}


def _verify_new(cls: type[Contract]) -> None:
    """A contract that extends another may replace its fixtures, but no test either."""
    for base in cls.__mro__[1:]:
        for name in vars(cls).keys() & base.__dict__.get("contract_tests", {}).keys():
            raise TypeError(_redefined(cls, name))


def _is_test(name: str) -> bool:
    return name.startswith("test")


def _is_fixed(name: str) -> bool:
    return not name.startswith("__") and name not in OPEN | {"contract_tests", "fixed_parts"}


def verify(cls: type[Contract]) -> None:
    """Check that a class still has every test of its contract, and names its gaps properly.

    Raises:
        TypeError: it does not; the message says what to do instead.
    """
    for name, value in cls.fixed_parts.items():
        if inspect.getattr_static(cls, name, None) is not value:
            raise TypeError(_redefined(cls, name))
    if cls.__dict__.get("__test__", True) is not True:
        msg = (
            f"{cls.__qualname__}.__test__ would switch its contract off without a word; give the class another "
            "name if it is only a base, or name what cannot pass in known_gaps"
        )
        raise TypeError(msg)
    for gap, reason in cls.known_gaps.items():
        _verify_gap(cls, gap, reason)


def _redefined(cls: type[Contract], name: str) -> str:
    owner = next(
        (base.__name__ for base in cls.__mro__ if name in base.__dict__.get("fixed_parts", ())), "the contract"
    )
    if not _is_test(name):
        return f"{cls.__qualname__}.{name} would replace a part of {owner}; choose another name for it"
    return (
        f"{cls.__qualname__}.{name} would replace or remove a test of {owner}; a contract's tests are all or nothing. "
        f'If the plugin cannot pass it, leave the test alone and say so: known_gaps = {{"{name}": "the reason"}}'
    )


def _verify_gap(cls: type[Contract], gap: str, reason: object) -> None:
    if not isinstance(reason, str) or not reason.strip():
        msg = f"{cls.__qualname__}.known_gaps[{gap!r}] has no reason; say why it cannot be passed"
        raise TypeError(msg)
    if gap.partition("[")[0] not in cls.contract_tests:
        msg = f"{cls.__qualname__}.known_gaps names {gap!r}, which is no test of its contract; take it out"
        raise TypeError(msg)
