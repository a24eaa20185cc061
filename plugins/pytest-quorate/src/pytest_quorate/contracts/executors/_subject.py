"""What a plugin's test class says of its executor, and a place where nothing of it may be left."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import asyncio
import functools
import os
import sys
import tempfile
import time
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeAlias, cast

import pytest

from pytest_quorate.contracts._base import Contract
from pytest_quorate.contracts.executors.claims import CAPABILITIES, LIMITS
from quorate import CodeBlock, call

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping

    from quorate import CodeExecutorRecord, CodeResult

P = ParamSpec("P")

Executor: TypeAlias = Any
"""A code executor with ``start``, ``stop`` and ``restart``; its methods may be plain or coroutine functions."""

Fresh: TypeAlias = "Callable[..., Executor]"
"""Makes a new executor in the test's work directory, with these options."""

_PLACES = {"outside", "temporary", "work"}
_PAUSE = 0.01
_SILENCE = 0.3
"""Seconds without a heartbeat after which its process is called ended: fifteen beats."""

_BEAT = "import time\nfor _ in range(3000):\n    open('beat', 'a').write('.')\n    time.sleep(0.02)\n"
"""A process that shows that it lives; for a minute at most, should its executor fail to end it."""

DETACHED = (
    "import subprocess, sys, time\n"
    f"beat = [sys.executable, '-c', {_BEAT!r}]\n"
    "start = f'import subprocess; subprocess.Popen({beat!r}, start_new_session=True)'\n"
    "nothing = dict.fromkeys(['stdin', 'stdout', 'stderr'], subprocess.DEVNULL)\n"
    "subprocess.run([sys.executable, '-c', start], start_new_session=True, check=True, **nothing)\n"
    "while True:\n"
    "    try: open('beat').close()\n"
    "    except FileNotFoundError: time.sleep(0.01)\n"
    "    else: break\n"
)
"""Code that leaves a process in a session of its own, without parent, and goes on when that has begun to beat."""


def driven(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test from a coroutine function: it gets an event loop of its own, and is ended when it hangs."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        patience = cast("Contract", args[0]).patience

        async def watched() -> None:
            watch = asyncio.timeout(patience)
            try:
                async with watch:
                    await test(*args, **kwargs)
            except TimeoutError:
                if not watch.expired():
                    raise
                pytest.fail(f"the executor did not come back within {patience:g} s")

        asyncio.run(watched())

    return run


def needs(guarantee: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """A test of one guarantee or limit: skipped, with the reason, for an executor that does not claim it."""

    def decorate(test: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(test)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            contract = cast("ExecutorSubject", args[0])
            if guarantee not in contract.capabilities | contract.limits.keys():
                meaning = CAPABILITIES.get(guarantee) or f"a limit for {LIMITS[guarantee]}"
                pytest.skip(f"{type(contract).__name__} does not claim {guarantee!r}: {meaning}")
            test(*args, **kwargs)

        vars(run)["guarantee"] = guarantee
        return run

    return decorate


async def run(executor: Executor, code: str, language: str = "python") -> CodeResult:
    """Run one block."""
    return await run_all(executor, CodeBlock(code, language))


async def run_all(executor: Executor, *blocks: CodeBlock) -> CodeResult:
    """Run some blocks, by a coroutine function or a plain one."""
    result: CodeResult = await call("code", executor.execute_code_blocks, list(blocks))
    return result


async def succeeded(executor: Executor, code: str, language: str = "python") -> CodeResult:
    """Run one block, which must succeed."""
    result = await run(executor, code, language)
    assert result.exit_code == 0, f"exit code {result.exit_code}: {result.output}"
    return result


class ExecutorSubject(Contract, contract=True):
    """The executor under test.

    Attributes:
        record: the record that offers the executor; it must declare the same as the executor.
        isolation: the level that the executor declares.
        network: whether it declares that code reaches the network.
        languages: what it runs; at least Python.
        capabilities: what else it guarantees, of ``CAPABILITIES``.
        limits: for each limit that it can set, of ``LIMITS``, the options of ``make`` that set a small one.
        host: the address under which code that reaches the network finds this machine's servers.
    """

    record: ClassVar[CodeExecutorRecord | None] = None
    isolation: ClassVar[str] = "none"
    network: ClassVar[bool] = True
    languages: ClassVar[tuple[str, ...]] = ("python", "sh")
    capabilities: ClassVar[frozenset[str]] = frozenset()
    limits: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType({})
    host: ClassVar[str] = "127.0.0.1"

    def make(self, _work_dir: Path | None, **_options: Any) -> Executor:
        """A new executor, of which nothing has been used.

        Args:
            _work_dir: where files are saved; None for a private directory of the executor's own.
            **_options: ``timeout`` (seconds for one block), ``output_limit`` (bytes of one call), and those of ``limits``.
        """
        msg = f"{type(self).__qualname__} must define make: give a new executor, as a user would make it"
        raise NotImplementedError(msg)

    def leftovers(self) -> Iterable[str]:
        """Names of what the executor could leave on this machine beside processes and files: containers, mounts."""
        return ()

    @pytest.fixture
    def work(self, tmp_path: Path) -> Path:
        """The work directory; it does not exist yet."""
        return tmp_path / "work"

    @pytest.fixture
    def outside(self, tmp_path: Path) -> Path:
        """A directory beside it, which is none of the code's business."""
        folder = tmp_path / "outside"
        folder.mkdir()
        return folder

    @pytest.fixture
    def private(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Where temporary files go; it must be empty after the test."""
        folder = tmp_path / "temporary"
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        monkeypatch.setenv("TMPDIR", str(folder))
        return folder

    @pytest.fixture
    def fresh(self, work: Path, private: Path) -> Generator[Fresh]:
        """Makes executors; after the test they are stopped, and nothing of them may be left."""
        made: list[Executor] = []
        processes, others = set(our_processes()), set(self.leftovers())

        def make(work_dir: Path | None = work, **options: Any) -> Executor:
            made.append(self.make(work_dir, **{"timeout": 20, **options}))
            return made[-1]

        yield make
        for executor in made:
            asyncio.run(_stopped(executor))
        within(5, lambda: not set(our_processes()) - processes)
        left = {pid: _command(pid) for pid in set(our_processes()) - processes}
        assert not left, f"processes are left after stop: {left}"
        assert not (mounts := _mounts(work.parent)), f"mounts are left: {mounts}"
        assert not (stay := set(self.leftovers()) - others), f"left after stop: {sorted(stay)}"
        assert not (files := _names(private)), f"temporary files are left: {sorted(files)}"
        assert not (files := _names(work.parent) - _PLACES), f"made outside the work directory: {sorted(files)}"


def _mounts(folder: Path) -> list[str]:
    """What is mounted in a folder (Linux; elsewhere nothing is found)."""
    table = Path("/proc/self/mountinfo")
    lines = table.read_text(encoding="utf-8", errors="replace").splitlines() if table.exists() else []
    return [line for line in lines if str(folder) in line]


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def _stopped(executor: Executor) -> None:
    if (stop := getattr(executor, "stop", None)) is not None:
        await call("code", stop)


def need_linux() -> None:
    """Skip the test where there is no /proc to look at."""
    if sys.platform != "linux":
        pytest.skip("looks at /proc, which only Linux has")


def our_processes() -> list[int]:
    """The living processes that descend from this one (Linux; elsewhere none is found)."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent, *_ = (folder / "stat").read_bytes().rpartition(b") ")[2].split()
        except OSError:
            continue
        if state not in (b"Z", b"X"):
            children.setdefault(int(parent), []).append(int(folder.name))
    found = list(children.get(os.getpid(), ()))
    for pid in found:
        found += children.get(pid, ())
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()[:200]
    except OSError:
        return "?"


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Wait until something holds; whether it did in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_PAUSE)
    return True


def beats(work: Path) -> int:
    """How often the heart of the code in this work directory has beaten."""
    try:
        return (work / "beat").stat().st_size
    except FileNotFoundError:
        return 0


def silent(work: Path) -> bool:
    """Whether the heart has stopped."""
    before = beats(work)
    time.sleep(_SILENCE)
    return beats(work) == before


async def off_loop(wait: Callable[..., Any], *args: Any) -> Any:
    """Wait in a thread, so that the executor's loop goes on."""
    return await asyncio.to_thread(wait, *args)
