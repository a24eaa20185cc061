"""The Docker executor, with 0.2's arguments and methods; it comes with quorate-docker-executor."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from quorate import ConfigWarning, default_kernel
from quorate.coding import LANGUAGES
from quorate_autogen_compat.coding._calling import BlockingExecutor

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DockerCommandLineCodeExecutor"]


class DockerCommandLineCodeExecutor(BlockingExecutor):
    """Runs code in a container of a Docker engine.

    Args:
        image: the image; it is pulled when the engine has none.
        container_name: not used: a container is named by the engine, and ends with its executor.
        timeout: seconds that each block may run.
        work_dir: where files are saved, the current directory by default as 0.2 has it.
        bind_dir: the path by which the engine's machine knows ``work_dir``, when it is another.
        auto_remove: only True; the container is always removed.
        stop_container: only True; the container always ends with this process.
        execution_policies: by language, whether its code is run, or only saved.
        **options: those of quorate's docker executor, such as ``network=True`` for code that installs packages.

    Raises:
        UnknownName: quorate-docker-executor is not installed.
        ConfigError: an argument cannot be used.
    """

    DEFAULT_EXECUTION_POLICY: ClassVar[dict[str, bool]] = {name: language.run for name, language in LANGUAGES.items()}
    LANGUAGE_ALIASES: ClassVar[dict[str, str]] = {"py": "python", "js": "javascript"}

    def __init__(
        self,
        image: str = "python:3-slim",
        container_name: str | None = None,
        timeout: float = 60,
        work_dir: Path | str = Path(),
        bind_dir: Path | str | None = None,
        auto_remove: bool = True,
        stop_container: bool = True,
        execution_policies: Mapping[str, bool] | None = None,
        **options: Any,
    ) -> None:
        for name, kept in (
            ("container_name", container_name is None),
            ("auto_remove", auto_remove),
            ("stop_container", stop_container),
        ):
            if not kept:
                text = f"DockerCommandLineCodeExecutor: {name} is not used: containers have no name and end with us"
                warnings.warn(text, ConfigWarning, stacklevel=2)
        make = default_kernel().factory("code executor", "docker")
        super().__init__(make(image, timeout, work_dir, bind_dir, execution_policies=execution_policies, **options))
        self._bind_dir = Path(bind_dir) if bind_dir is not None else self.work_dir

    @property
    def bind_dir(self) -> Path:
        """The work directory as the engine's machine knows it."""
        return self._bind_dir
