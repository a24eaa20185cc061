"""The local executor: languages, results, lifetime, use from several threads and loops."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import venv
from pathlib import Path

import anyio.from_thread
import pytest

from quorate.coding import CodeBlock, CodeExecutor, CodeResult
from quorate.errors import ConfigError, ExecutorError


def test_it_is_a_code_executor(make):
    assert isinstance(make(), CodeExecutor)


def test_python_runs_and_gives_its_output(make, run):
    assert run(make(), "print(6 * 7)") == CodeResult(0, "42\n")


@pytest.mark.parametrize("language", ["sh", "shell", "bash", "SH"])
def test_shells_run(make, run, language):
    assert run(make(), "printf hi; exit 3", language) == CodeResult(3, "hi")


def test_standard_error_comes_in_the_order_it_was_written(make, run):
    code = "import sys\nfor n in range(4): print(n, file=[sys.stdout, sys.stderr][n % 2])\nraise SystemExit(7)"
    assert run(make(), code) == CodeResult(7, "0\n1\n2\n3\n")


def test_blocks_run_in_order_until_one_fails(make):
    blocks = [CodeBlock("print(1)", "py"), CodeBlock("echo 2; exit 5", "sh"), CodeBlock("print(3)", "python")]
    assert asyncio.run(make().execute_code_blocks(blocks)) == CodeResult(5, "1\n2\n")


@pytest.mark.parametrize(
    ("language", "says"), [("rust", "unknown language rust"), ("", "names no language"), ("pwsh", "powershell")]
)
def test_what_cannot_be_run_is_a_result(make, run, language, says):
    result = run(make(env={"PATH": "/nowhere"}), "x", language)
    assert result.exit_code == 1
    assert says in result.output


def test_no_block_is_a_result(make):
    result = asyncio.run(make().execute_code_blocks([]))
    assert (result.exit_code, result.output) == (1, "There is no code block to run.\n")


def test_html_is_saved_only(make, run, tmp_path):
    result = run(make(work_dir=tmp_path), "<!-- filename: page.html -->\n<p>", "html")
    assert result == CodeResult(0, "Code saved to page.html\n", str(tmp_path / "page.html"), ("page.html",))
    unnamed = run(make(work_dir=tmp_path), "p {}", "css")
    assert unnamed.files == (Path(unnamed.code_file).name,)


def test_execution_policies_decide_what_runs(make, run):
    result = run(make(execution_policies={"py": False}), "# filename: a.py\nprint(1)")
    assert (result.output, result.files) == ("Code saved to a.py\n", ("a.py",))


def test_a_signal_is_an_exit_code_with_a_name(make, run):
    assert run(make(), "import os; os.kill(os.getpid(), 11)") == CodeResult(139, "Ended by signal 11 (SIGSEGV)\n")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"timeout": 0}, "timeout"),
        ({"timeout": "fast"}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"output_limit": -1}, "output_limit"),
        ({"execution_policies": {"rust": True}}, "rust"),
        ({"virtual_env_context": "/nowhere"}, "/nowhere"),
        ({"env": {"N": 1}}, "'N'"),
        ({"env": {"A=B": "x"}}, "'A=B'"),
    ],
)
def test_unusable_options_are_refused_at_once(make, options, says):
    with pytest.raises(ConfigError, match=says):
        make(**options)


def test_a_work_directory_that_cannot_be_made_is_an_error(make, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExecutorError, match="work directory"):
        asyncio.run(make(work_dir=tmp_path / "file").start())


@pytest.mark.skipif(sys.platform != "linux", reason="there is no keeper elsewhere")
def test_without_a_python_to_watch_over_the_code_it_says_so(make, monkeypatch):
    executor = make()
    for executable in ("/nowhere/python", "/bin/false"):
        monkeypatch.setattr(sys, "executable", executable)
        with pytest.raises(ExecutorError, match=f"cannot start .*{executable}"):
            asyncio.run(executor.start())


def test_a_virtual_environment_runs_the_code(make, run, tmp_path):
    builder = venv.EnvBuilder(symlinks=True)
    builder.create(tmp_path / "env")
    for context in (tmp_path / "env", builder.ensure_directories(tmp_path / "env")):
        executor = make(virtual_env_context=context)
        assert run(executor, "import sys; print(sys.prefix)").output.strip() == str(tmp_path / "env")
        assert run(executor, "command -v python", "sh").output.strip() == str(tmp_path / "env/bin/python")


def test_the_work_directory_is_private_and_removed(make, run):
    executor = make()
    assert executor.work_dir is None
    asyncio.run(executor.start())
    folder = executor.work_dir
    assert (folder.stat().st_mode & 0o777, folder.stat().st_uid) == (0o700, os.geteuid())
    assert run(executor, "import os; print(os.getcwd())").output.strip() == str(folder.resolve())
    assert folder != Path.cwd()
    run(executor, "mkdir -p a/b; touch a/b/c; chmod 0 a/b a; ln -s / root", "sh")
    asyncio.run(executor.stop())
    assert not folder.exists()
    assert executor.work_dir is None


def test_a_given_work_directory_is_made_and_stays(make, run, tmp_path):
    executor = make(work_dir=tmp_path / "a/b")
    assert run(executor, "open('x', 'w')").files == ("x",)
    asyncio.run(executor.stop())
    assert sorted(path.name for path in (tmp_path / "a/b").iterdir()) == ["x"]


def test_stop_twice_restart_and_use_after_stop(make, run):
    executor = make()
    asyncio.run(executor.stop())
    assert run(executor, "open('x', 'w')").files == ("x",)
    asyncio.run(executor.restart())
    assert run(executor, "import os; print(os.listdir())").output.startswith("['tmp_code_")
    asyncio.run(executor.stop())
    asyncio.run(executor.stop())
    assert run(executor, "print(1)").exit_code == 0


def test_a_removed_work_directory_comes_back(make, run, tmp_path):
    for executor in (make(), make(work_dir=tmp_path / "given")):
        blocks = [CodeBlock('rm -r "$PWD"', "sh"), CodeBlock("print(1)", "python")]
        result = asyncio.run(executor.execute_code_blocks(blocks))
        assert result.exit_code == 1
        assert "cannot be saved" in result.output
        assert run(executor, "print(2)").output == "2\n"


def test_an_executor_that_is_forgotten_cleans_up():
    code = (
        "import asyncio, tempfile, sys\n"
        "from quorate.coding import CodeBlock\n"
        "from quorate.coding.local import LocalCommandLineCodeExecutor\n"
        "executor = LocalCommandLineCodeExecutor()\n"
        "asyncio.run(executor.execute_code_blocks([CodeBlock('open(1, \"w\")', 'python')]))\n"
        "print(executor.work_dir)\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert not Path(done.stdout.strip()).exists()


def test_calls_side_by_side(make):
    async def main():
        async with make() as executor:
            calls = (executor.execute_code_blocks([CodeBlock(f"echo {n}; sleep 0.1", "sh")]) for n in range(12))
            return await asyncio.gather(*calls)

    assert [result.output for result in asyncio.run(main())] == [f"{n}\n" for n in range(12)]


def test_from_threads_each_with_its_loop(make, run):
    executor, outputs = make(), {}
    threads = [
        threading.Thread(target=lambda n=n: outputs.__setitem__(n, run(executor, f"print({n})").output))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outputs == {n: f"{n}\n" for n in range(6)}


def test_from_blocking_code_through_a_loop_thread(make):
    executor = make()
    with anyio.from_thread.start_blocking_portal() as portal:
        result = portal.call(executor.execute_code_blocks, [CodeBlock("print(1)", "python")])
    assert result.output == "1\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_copy_works_and_leaves_ours_alone(make, run):
    executor = make()
    run(executor, "open('ours', 'w')")
    if (pid := os.fork()) == 0:
        status = 1
        try:
            status = run(executor, "open('theirs', 'w')").exit_code
            asyncio.run(executor.stop())
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
    assert run(executor, "import os; print('ours' in os.listdir())").output == "True\n"


def test_the_loop_goes_on_while_code_runs(make):
    async def main():
        async with make() as executor:
            running = asyncio.create_task(executor.execute_code_blocks([CodeBlock("sleep 0.2", "sh")]))
            ticks = 0
            while not running.done():
                ticks += 1
                await asyncio.sleep(0.01)
            return ticks

    assert asyncio.run(main()) > 3
