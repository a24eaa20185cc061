"""The bases of executors: sessions are opened, replaced and closed; blocks are run, refused and stopped."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import ClassVar

import pytest

from quorate.coding import BaseCodeExecutor, CodeBlock, CodeResult, Language, LocalCommandLineCodeExecutor, Refused
from quorate.errors import ConfigError, ExecutorError


class Session:
    """Notes what happens to it."""

    def __init__(self, log):
        self.log = log
        self.lost = False
        log.append("opened")

    def usable(self):
        return not self.lost

    def close(self):
        self.log.append("closed")


class Noting(BaseCodeExecutor[Session]):
    """Does in this process what a block's text says."""

    label = "the noting executor"
    made: ClassVar = []

    def __init__(self, log, **options):
        super().__init__(**options)
        self.log = log
        self.made.append(self)

    def open_session(self, folder):
        return Session(self.log)

    def run_block(self, block, session, run):
        self.log.append(block.code)
        if block.code == "lose":
            session.lost = True
        elif block.code == "refuse":
            raise Refused("it is refused")
        elif block.code == "stop":
            run.stop.ask()
        elif block.code == "break":
            raise ExecutorError("it is broken")
        run.output.say(f"ran {block.code}")
        return 0, None


def blocks(*codes):
    return [CodeBlock(code, "") for code in codes]


@pytest.fixture
def log():
    return []


@pytest.fixture(autouse=True)
def _stopped(_temporary, monkeypatch):
    """Stop every executor after the test, so that no private work directory is left."""
    monkeypatch.setattr(Noting, "made", [])
    yield
    for executor in Noting.made:
        asyncio.run(executor.stop())


def ask(executor, *codes):
    return asyncio.run(executor.execute_code_blocks(blocks(*codes)))


def test_a_session_is_opened_on_first_use_and_closed_once(log):
    executor = Noting(log)
    assert log == []
    assert ask(executor, "a") == CodeResult(0, "ran a\n")
    ask(executor, "b")
    asyncio.run(executor.stop())
    asyncio.run(executor.stop())
    assert log == ["opened", "a", "b", "closed"]


def test_a_session_that_was_lost_is_replaced(log):
    executor = Noting(log)
    ask(executor, "lose")
    ask(executor, "next")
    asyncio.run(executor.stop())
    assert log == ["opened", "lose", "closed", "opened", "next", "closed"]


def test_a_forgotten_executor_closes_its_session(log):
    executor = Noting(log)
    ask(executor, "a")
    folder = executor.work_dir
    Noting.made.clear()
    del executor
    gc.collect()
    for _ in range(1000):  # the thread that ran the block may be the last to let go
        if not folder.exists():
            break
        time.sleep(0.005)
    assert (log, folder.exists()) == (["opened", "a", "closed"], False)


def test_a_session_that_cannot_be_opened_leaves_nothing(log):
    class Unable(Noting):
        def open_session(self, folder):
            self.folder = folder
            raise ExecutorError("the engine is off")

    executor = Unable(log)
    with pytest.raises(ExecutorError, match="the engine is off"):
        ask(executor, "a")
    assert not executor.folder.exists()
    assert executor.work_dir is None
    with pytest.raises(ExecutorError):
        asyncio.run(executor.start())


def test_a_refused_block_is_a_result_and_the_last(log):
    assert ask(Noting(log), "a", "refuse", "b") == CodeResult(1, "ran a\nit is refused\n")


def test_an_executor_that_is_broken_says_so_and_can_be_asked_again(log):
    executor = Noting(log)
    with pytest.raises(ExecutorError, match="it is broken"):
        ask(executor, "break")
    assert ask(executor, "a").exit_code == 0


def test_nothing_more_is_run_of_a_call_that_was_stopped(log):
    assert ask(Noting(log), "stop", "b") == CodeResult(137, "ran stop\n")


class Preparing(Noting):
    """Makes a file before the first block."""

    code: int | None = 0

    def prepare(self, session, run):
        if self.code is not None:
            run.folder.save("prepared", b"")
        return self.code


def test_what_was_prepared_is_not_told_as_new(log):
    executor = Preparing(log)
    assert ask(executor, "a") == CodeResult(0, "ran a\n")
    executor.code = None
    assert ask(executor, "a").files == ()


def test_when_preparing_fails_nothing_is_run(log):
    executor = Preparing(log)
    executor.code = 9
    assert ask(executor, "a") == CodeResult(9, "")
    assert log == ["opened"]


def test_errors_name_the_executor(log):
    with pytest.raises(ConfigError, match="the noting executor: timeout is a positive number, not 0"):
        Noting(log, timeout=0)


# -- languages


def test_a_language_is_added_by_the_command_that_runs_it(make, run, tmp_path):
    shouting = Language("shouting", ".txt", ("no-such-program", "sed"), ("s/$/!/",))
    languages = {"lister": ["wc", "-l"], "Reader": "cat", "shouting": shouting}
    executor = make(work_dir=tmp_path, languages=languages, execution_policies={"reader": True})
    assert run(executor, "a\nb", "lister").output.split()[0] == "2"
    assert run(executor, "# filename: x.y\nhello", "reader").output == "# filename: x.y\nhello\n"
    assert run(executor, "x", "shouting").output == "x!\n"
    assert run(executor, "print(1)").output == "1\n"


def test_a_known_language_can_be_another(make, run):
    assert run(make(languages={"python": "cat"}), "print(1)").output == "print(1)\n"


@pytest.mark.parametrize("value", [3, [], "", ["a", 3], None])
def test_what_is_no_language_is_refused_at_once(value):
    with pytest.raises(ConfigError, match=r"the local executor: languages\['x'\] is a Language, or the command"):
        LocalCommandLineCodeExecutor(languages={"x": value})
