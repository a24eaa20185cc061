"""An agent that runs the code that others write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from quorate._drive import blocking
from quorate.agents.code_reply import a_generate_code_execution_reply
from quorate.agents.execution import CodeExecution
from quorate.agents.tool_using import ToolUsingAgent
from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        system_message: str | None = "",
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

    a_generate_code_execution_reply = a_generate_code_execution_reply
    generate_code_execution_reply = blocking(a_generate_code_execution_reply)


def _execution(kernel: Kernel, config: Mapping[str, Any] | Literal[False] | None) -> CodeExecution | None:
    if config is None or config is False:
        return None
    if not isinstance(config, dict):
        msg = f"code_execution_config: must be False or a dict, not {type(config).__name__}"
        raise ConfigError(msg)
    return CodeExecution(kernel, config)
