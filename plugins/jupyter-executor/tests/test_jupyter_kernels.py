"""Kernels that are interrupted, die, are chosen by name, and are gone when they should be."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

import quorate_jupyter_executor
from pytest_quorate.contracts.executors._subject import our_processes, within
from quorate import ConfigError, ExecutorError, UserProxyAgent
from quorate.coding import CodeBlock
from quorate.testing import isolated_kernel
from quorate_jupyter_executor import JupyterCodeExecutor


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """Installs a kernel by its command."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    def install(name, *argv, language="python"):
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": argv, "display_name": name, "language": language, "env": {"FROM_SPEC": "yes"}}
        (folder / "kernel.json").write_text(json.dumps(spec))

    return install


def test_a_kernel_that_is_interrupted_keeps_what_it_holds(executor, run):
    one = executor(timeout=1)
    assert run(one, "kept = 41").exit_code == 0
    told = run(one, "import time\nprint('so far')\ntime.sleep(60)")
    assert (told.exit_code, told.output.startswith("so far\n")) == (124, True)
    assert told.output.endswith("stopped after 1 seconds\nThe kernel was interrupted and keeps what it holds\n")
    assert run(one, "print(kept + 1)").output == "42\n"


def test_a_kernel_that_does_not_react_is_replaced(executor, run):
    one = executor(timeout=1)
    stubborn = "import time\nwhile True:\n    try: time.sleep(60)\n    except KeyboardInterrupt: pass"
    told = run(one, "lost = 1", stubborn)
    assert told.exit_code == 124
    assert "The kernel did not react and was ended" in told.output
    assert "NameError" in run(one, "lost").output


@pytest.mark.parametrize(("code", "exit_code"), [("os.kill(os.getpid(), 9)", 137), ("os._exit(5)", 5), ("exit()", 0)])
def test_a_kernel_that_ends_is_replaced(executor, run, code, exit_code):
    one = executor()
    told = run(one, f"import os\nlost = 1\nprint('so far')\n{code}")
    assert (told.exit_code, told.output.startswith("so far\n")) == (exit_code, True)
    assert told.output.endswith("what it held is lost, and the next block starts a new one\n")
    assert "NameError" in run(one, "lost").output


def test_a_work_directory_that_was_removed(executor, run, tmp_path):
    one = executor()
    run(one, "kept = 1\nimport os, shutil\nshutil.rmtree(os.getcwd())")
    told = run(one, "print(kept)\nopen('made', 'w').write('x');")
    assert (told.output, told.files) == ("1\n", ("made",))
    assert (tmp_path / "work" / "made").exists()


def test_a_kernel_by_name(executor, run, kernels, tmp_path):
    launch = tmp_path / "launch.py"  # without our options, so it tells its output by messages
    launch.write_text("from ipykernel import kernelapp\nkernelapp.launch_new_instance()\n")
    kernels("mine", "python", str(launch), "-f", "{connection_file}")
    told = run(executor(kernel_name="mine"), "import os\nprint(os.environ['FROM_SPEC'])\n6 * 7")
    assert (told.exit_code, told.output) == (0, "yes\n42\n")


def test_a_kernel_that_is_not_there(executor, run, kernels):
    kernels("mine", "python")
    with pytest.raises(ExecutorError, match=r"no Jupyter kernel named 'julia'; installed: .*mine"):
        run(executor(kernel_name="julia"), "1")


def test_a_kernel_that_cannot_start(executor, run, kernels):
    kernels("broken", sys.executable, "-c", "import sys; sys.exit('no luck')")
    with pytest.raises(ExecutorError, match="ended at once: no luck"):
        run(executor(kernel_name="broken"), "1")


def test_a_kernel_of_another_language(executor, run, kernels):
    kernels("other", sys.executable, "-c", "import time; time.sleep(60)", language="R")
    told = run(executor(kernel_name="other"), "1")
    assert (told.exit_code, told.output) == (1, "unknown language python; the jupyter executor knows r\n")


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc, which only Linux has")
def test_an_executor_that_is_forgotten_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(our_processes())
    executor = JupyterCodeExecutor()
    asyncio.run(executor.execute_code_blocks([CodeBlock("1", "python")]))
    assert set(our_processes()) - before
    del executor
    gc.collect()
    assert within(5, lambda: not set(our_processes()) - before)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed(executor, run, monkeypatch):
    with tempfile.TemporaryDirectory(prefix="q-", dir="/tmp") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        left, held = Path(short, "quorate-jupyter-left"), Path(short, "quorate-jupyter-held")
        left.mkdir()
        held.mkdir()
        lock = os.open(held, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        asyncio.run(executor().start())
        assert (left.exists(), held.exists()) == (False, True)
        os.close(lock)


def test_the_record():
    with isolated_kernel(quorate_jupyter_executor) as kernel:
        record = kernel.executor_record("ipython-embedded")
        assert record is kernel.executor_record("jupyter")
        config = {"executor": "jupyter", "require": {"isolation": "process"}}
        with pytest.raises(ConfigError, match="has the isolation 'none' where 'process' is required"):
            UserProxyAgent("user", code_execution_config=config, kernel=kernel)
