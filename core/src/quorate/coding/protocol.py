"""What a code executor is: code blocks in, one result out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

TIMED_OUT = 124
"""The exit code of a block that ran out of time, as coreutils ``timeout`` gives it."""


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A piece of code; ``language`` is lower-case, ``""`` when it was not named and could not be told."""

    code: str
    language: str


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What running some blocks gave.

    Attributes:
        exit_code: of the last block that ran; 0 is success, 124 a time-out.
        output: standard output and standard error of all blocks, in the order they were written.
        code_file: path of the last block's file, when it was saved.
        files: paths, relative to the work directory, of files that the blocks made or changed.
    """

    exit_code: int
    output: str
    code_file: str | None = None
    files: tuple[str, ...] = ()


@runtime_checkable
class CodeExecutor(Protocol):
    """Runs code blocks in order and stops at the first that fails.

    A failed, refused or timed-out block is a :class:`CodeResult`; only an executor that cannot run at all
    raises :class:`quorate.errors.ExecutorError`. Plain (synchronous) methods, as AutoGen 0.2's executors
    have them, are fine too. ``start``, ``stop`` and ``restart`` are optional.
    """

    def execute_code_blocks(self, blocks: Sequence[CodeBlock]) -> CodeResult | Awaitable[CodeResult]:
        """Run the blocks."""
        ...
