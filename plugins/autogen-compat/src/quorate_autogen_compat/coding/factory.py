"""Makes executors from configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.config.guards import is_mapping
from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CodeExecutorFactory"]

_MADE = ("commandline-local", "commandline-docker", "ipython-embedded")


class CodeExecutorFactory:
    """Makes the executor that a ``code_execution_config`` names."""

    @staticmethod
    def create(code_execution_config: Mapping[str, Any]) -> Any:
        """Make it, or give the executor object that stands there.

        Args:
            code_execution_config: ``executor`` is an executor, or ``commandline-local``, ``commandline-docker`` or
                ``ipython-embedded``; its arguments stand under its name.

        Raises:
            ConfigError: it names none of these, or the arguments do not fit.
        """
        named: object = code_execution_config.get("executor")
        if callable(getattr(named, "execute_code_blocks", None)):
            return named
        if named not in _MADE:
            msg = f"code_execution_config.executor: must be an executor or one of {', '.join(_MADE)}, not {named!r:.80}"
            raise ConfigError(msg)
        options: object = code_execution_config.get(str(named), {})
        if not is_mapping(options):
            msg = f"code_execution_config.{named}: must be a dict of the executor's arguments, not {options!r:.80}"
            raise ConfigError(msg)
        return _class_of(str(named))(**options)


def _class_of(name: str) -> Any:
    if name == "commandline-local":
        from quorate_autogen_compat.coding.local_commandline_code_executor import LocalCommandLineCodeExecutor

        return LocalCommandLineCodeExecutor
    if name == "commandline-docker":
        from quorate_autogen_compat.coding.docker_commandline_code_executor import DockerCommandLineCodeExecutor

        return DockerCommandLineCodeExecutor
    from quorate_autogen_compat.coding.jupyter import EmbeddedIPythonCodeExecutor

    return EmbeddedIPythonCodeExecutor
