"""Code blocks, results, and what executors and extractors are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict, runtime_checkable

from quorate.coding import CodeBlock, CodeResult

if TYPE_CHECKING:
    from quorate_autogen_compat.types import MessageContentType

__all__ = [
    "CodeBlock",
    "CodeExecutionConfig",
    "CodeExecutor",
    "CodeExtractor",
    "CodeResult",
    "CommandLineCodeResult",
    "IPythonCodeResult",
]

CommandLineCodeResult = CodeResult
"""The core's result has a ``code_file`` of its own."""


@dataclass(frozen=True, slots=True)
class IPythonCodeResult(CodeResult):
    """A result of an executor that shows images and the like.

    Attributes:
        output_files: paths of the files that hold them.
    """

    output_files: Sequence[str] = ()


@runtime_checkable
class CodeExtractor(Protocol):
    """Takes the code blocks out of a message."""

    def extract_code_blocks(self, message: MessageContentType) -> list[CodeBlock]:
        """The code blocks of a message's content, in order."""
        ...


@runtime_checkable
class CodeExecutor(Protocol):
    """Runs code blocks; an object with these three is one."""

    @property
    def code_extractor(self) -> CodeExtractor:
        """Takes the blocks out of a message."""
        ...

    def execute_code_blocks(self, code_blocks: list[CodeBlock]) -> CodeResult:
        """Run the blocks."""
        ...

    def restart(self) -> None:
        """Begin again, with nothing left of what ran."""
        ...


CodeExecutionConfig = TypedDict(
    "CodeExecutionConfig",
    {
        "executor": Literal["ipython-embedded", "commandline-local"] | CodeExecutor,
        "last_n_messages": int | Literal["auto"],
        "timeout": int,
        "use_docker": bool | str | list[str],
        "work_dir": str,
        "ipython-embedded": Mapping[str, Any],
        "commandline-local": Mapping[str, Any],
    },
    total=False,
)
"""What ``code_execution_config`` may hold."""
