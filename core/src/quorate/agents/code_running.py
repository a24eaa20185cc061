"""An agent that runs the code that others write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from quorate._drive import blocking
from quorate.agents.code_reply import a_generate_code_execution_reply, run_blocks
from quorate.agents.execution import CodeExecution
from quorate.agents.tool_using import ToolUsingAgent
from quorate.coding import CodeBlock, infer_language
from quorate.coding.languages import named_code
from quorate.errors import AgentError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.kernel import Kernel


class CodeRunningAgent(ToolUsingAgent):
    """An agent that runs code.

    Args:
        name: unique among the agents of a conversation.
        system_message: instructions to the model.
        code_execution_config: False for none, or a dict; see :class:`quorate.agents.execution.CodeExecution`.
        **kwargs: as :class:`ToolUsingAgent` takes them.
    """

    def __init__(
        self,
        name: str,
        system_message: str | list[dict[str, Any]] | None = "",
        *,
        code_execution_config: Mapping[str, Any] | Literal[False] | None = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, system_message, **kwargs)
        self.code_execution = _execution(self.kernel, code_execution_config)

    @property
    def code_executor(self) -> Any:
        """What runs this agent's code; None when it runs none."""
        return self.code_execution.executor if self.code_execution is not None else None

    async def a_run_code(
        self, /, code: str, *, lang: str = "python", filename: str | None = None, **options: Any
    ) -> tuple[int, str, str | None]:
        """Run some code as this agent runs what others write.

        Args:
            code: the code.
            lang: its language.
            filename: saves it under this name, which cannot lead out of the work directory.
            **options: keys of ``code_execution_config`` that hold for this code only: ``timeout``, ``work_dir``,
                ``use_docker``, ...

        Returns:
            Exit code, output, and the image of the container that it ran in, if it was one.

        Raises:
            AgentError: this agent runs no code.
            ConfigError: the options cannot be used.
            ExecutorError: code cannot be run at all.
        """
        settings = self._running().altered(options)
        executor = settings.executor
        block = CodeBlock(code if filename is None else named_code(code, lang, filename), lang.lower())
        result = await run_blocks(self, executor, [block])
        return result.exit_code, result.output, getattr(executor, "image", None)

    run_code = blocking(a_run_code)

    async def a_execute_code_blocks(self, /, code_blocks: Sequence[CodeBlock | tuple[str, str]]) -> tuple[int, str]:
        """Run code blocks in order until one fails.

        Args:
            code_blocks: blocks, or AutoGen 0.2's pairs (language, code); an empty language is inferred.

        Returns:
            Exit code and output.

        Raises:
            AgentError: this agent runs no code.
            ExecutorError: code cannot be run at all.
        """
        result = await run_blocks(self, self._running().executor, [_block(each) for each in code_blocks])
        return result.exit_code, result.output

    execute_code_blocks = blocking(a_execute_code_blocks)

    def _running(self) -> CodeExecution:
        if self.code_execution is None:
            msg = f"{self.name} runs no code; give it a code_execution_config"
            raise AgentError(msg)
        return self.code_execution

    a_generate_code_execution_reply = a_generate_code_execution_reply
    generate_code_execution_reply = blocking(a_generate_code_execution_reply)


def _execution(kernel: Kernel, config: Mapping[str, Any] | Literal[False] | None) -> CodeExecution | None:
    if config is None or config is False:
        return None
    if not isinstance(config, dict):
        msg = f"code_execution_config: must be False or a dict, not {type(config).__name__}"
        raise ConfigError(msg)
    return CodeExecution(kernel, config)


def _block(given: CodeBlock | tuple[str, str]) -> CodeBlock:
    if isinstance(given, CodeBlock):
        return given
    language, code = given
    return CodeBlock(code, language.lower() or infer_language(code))
