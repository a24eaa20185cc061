"""The core's executors, called as 0.2's are: plain methods that block."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from quorate._drive import blocking, perform
from quorate_autogen_compat.coding.markdown_code_extractor import MarkdownCodeExtractor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from quorate.coding import CodeBlock, CodeResult, CommandLineExecutor
    from quorate_autogen_compat.coding.base import CodeExtractor


class BlockingExecutor:
    """An executor of the core's behind 0.2's methods; what it runs, and how, is the core's.

    Args:
        executor: the core's.

    Attributes:
        executor: the core's.
    """

    def __init__(self, executor: CommandLineExecutor) -> None:
        self.executor = executor

    @property
    def timeout(self) -> float:
        """Seconds that each block may run."""
        return self.executor.timeout

    @property
    def work_dir(self) -> Path:
        """Where code runs and files are saved."""
        return self.executor.work_dir or Path()

    @property
    def execution_policies(self) -> Mapping[str, bool]:
        """By language, whether its code is run, or only saved."""
        return self.executor.execution_policies

    @property
    def isolation(self) -> Any:
        """What stands between executed code and the machine."""
        return self.executor.isolation

    @property
    def network(self) -> bool:
        """Whether executed code reaches the network."""
        return self.executor.network

    @property
    def code_extractor(self) -> CodeExtractor:
        """Takes code blocks out of messages."""
        return MarkdownCodeExtractor()

    async def a_execute_code_blocks(self, /, code_blocks: Sequence[CodeBlock]) -> CodeResult:
        """Run the blocks in order until one fails.

        Returns:
            Exit code, output and file of the last block; an empty list is a failure, no error.

        Raises:
            ExecutorError: code cannot be run at all.
        """
        return await perform(self.executor.execute_code_blocks, list(code_blocks))

    execute_code_blocks = blocking(a_execute_code_blocks)

    async def a_restart(self) -> None:
        """End what runs and begin again."""
        await perform(self.executor.restart)

    restart = blocking(a_restart)

    async def a_stop(self) -> None:
        """End what runs, and give back what the executor holds; it starts again when it is used again."""
        await perform(self.executor.stop)

    stop = blocking(a_stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
