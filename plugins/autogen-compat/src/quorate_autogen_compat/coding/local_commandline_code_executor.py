"""The local executor, with 0.2's arguments and methods."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from quorate.coding import LANGUAGES, Refused
from quorate.coding import LocalCommandLineCodeExecutor as CoreExecutor
from quorate.coding._notice import SHELLS, noticed
from quorate.coding.functions import PROMPT
from quorate_autogen_compat.coding._calling import BlockingExecutor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.coding.functions import GivenFunction

__all__ = ["LocalCommandLineCodeExecutor"]


class LocalCommandLineCodeExecutor(BlockingExecutor):
    """Runs code on this machine; arguments as :class:`quorate.coding.LocalCommandLineCodeExecutor` takes them.

    Its work directory is the current one unless another is given, as 0.2 has it.

    Raises:
        ConfigError: an argument cannot be used.
    """

    SUPPORTED_LANGUAGES: ClassVar[list[str]] = sorted(LANGUAGES)
    DEFAULT_EXECUTION_POLICY: ClassVar[dict[str, bool]] = {name: language.run for name, language in LANGUAGES.items()}
    FUNCTION_PROMPT_TEMPLATE: ClassVar[str] = PROMPT

    def __init__(
        self,
        timeout: float = 60,
        virtual_env_context: Any = None,
        work_dir: Path | str = Path(),
        functions: Sequence[GivenFunction] = (),
        functions_module: str = "functions",
        execution_policies: Mapping[str, bool] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            CoreExecutor(
                timeout,
                virtual_env_context,
                work_dir,
                functions=functions,
                functions_module=functions_module,
                execution_policies=execution_policies,
                **options,
            )
        )

    @property
    def functions_module(self) -> str:
        """The module from which code imports its functions."""
        return self.executor.functions_module

    @property
    def functions(self) -> Sequence[GivenFunction]:
        """The functions that code may import."""
        return self.executor.functions

    def format_functions_for_prompt(self, prompt_template: str = FUNCTION_PROMPT_TEMPLATE) -> str:
        """Tell a model of the functions; the template has ``$module_name`` and ``$functions``."""
        return self.executor.format_functions_for_prompt(prompt_template)

    @staticmethod
    def sanitize_command(lang: str, code: str) -> None:
        """Take a second look at shell code, as the executor does before it runs any.

        Raises:
            ValueError: it holds one of a few commands that are seldom meant.
        """
        if lang in (*SHELLS, "shell") and (reason := noticed(code)):
            msg = f"The code looks dangerous: {reason}"
            raise Refused(msg)
