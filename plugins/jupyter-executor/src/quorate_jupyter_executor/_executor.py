"""The executor ``jupyter``: blocks are cells of one Jupyter kernel."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from quorate.coding import LANGUAGES, BaseCodeExecutor, Refused, code_environment, interpreter
from quorate.errors import ExecutorError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from quorate.coding import CodeBlock, Run
    from quorate_jupyter_executor._session import KernelSession


class JupyterCodeExecutor(BaseCodeExecutor["KernelSession"]):
    """Runs code blocks one after the other in a Jupyter kernel on this machine, with the rights of this user.

    **It is not a sandbox.** What one block defines, the next one finds, until :meth:`restart` or :meth:`stop`. Images
    and HTML that a block displays are saved in the work directory under random names, ``output_....png``, and are among
    the result's ``files``; the text of what it displays is in the output, after what was printed up to then. A traceback
    comes without colours.

    A block that takes too long is interrupted, what it started is ended (on Linux), and the kernel goes on with all it
    holds; a kernel that does not react is ended, and the next block starts a new one, as it does when a kernel died. The
    output says which it was. Calls at once wait for one another.

    ``# filename: x`` in the first line saves the block under that name, and runs it. Cells may hold IPython's commands
    (``%pip install``, ``!ls``); pip asks nothing and says only what went wrong.

    Args:
        timeout: seconds that each block may run; the first one of a kernel starts it besides.
        kernel_name: an installed kernel (``jupyter kernelspec list``); without it, IPython with the Python that runs
            quorate.
        work_dir: where the kernel runs and files are saved, made when it is absent; without it, a private directory
            that is removed at the end.
        env: more environment variables for the kernel; what is named here is given to it, keys included.
        output_limit: bytes of output that are kept of one call, half from its beginning and half from its end.
        shield: keep the code from reading and signalling other processes (Linux 5.19, 6.12). It also keeps ``sudo``
            from working.

    Raises:
        ConfigError: an argument cannot be used.
    """

    label = "the jupyter executor"

    def __init__(
        self,
        timeout: float = 60,
        kernel_name: str | None = None,
        work_dir: Path | str | None = None,
        *,
        env: Mapping[str, str] | None = None,
        output_limit: int = 65_536,
        shield: bool = True,
    ) -> None:
        super().__init__(timeout, work_dir, output_limit=output_limit)
        self._kernel_name = kernel_name
        self._environment = code_environment(os.environ, env or {}, interpreter(None)[1])
        self._shield = shield

    def open_session(self, folder: Path) -> KernelSession:
        """Start a kernel; the first block waits until it is ready."""
        if sys.platform == "win32":
            msg = (
                f"{self.label} needs pipes and sockets with names in the file system, which Windows lacks; use another"
            )
            raise ExecutorError(msg)
        from quorate_jupyter_executor._session import KernelSession

        return KernelSession(self._kernel_name, folder, self._environment, shield=self._shield)

    def run_block(self, block: CodeBlock, session: KernelSession, run: Run) -> tuple[int, str | None]:
        """Run one block as a cell; when its first line names a file, the block is saved there first."""
        if block.language.lower() not in session.languages:
            named = f"unknown language {block.language}" if block.language else "the code block names no language"
            msg = f"{named}; {self.label} knows {', '.join(session.languages)}"
            raise Refused(msg)
        saved = None
        if name := LANGUAGES["python"].file_name(block.code):
            code = block.code if block.code.endswith("\n") else f"{block.code}\n"
            saved = str(run.folder.path / run.folder.save(name, code.encode("utf-8", "replace")))
        return session.run(block.code, run), saved
