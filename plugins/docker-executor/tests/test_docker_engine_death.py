"""An engine that is killed while code runs, and comes back: the call fails with an error, the next one works."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from quorate import ExecutorError


# The SDK does not close a socket that could not be connected.
@pytest.mark.filterwarnings("ignore:.*unclosed.*socket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed.*socket:ResourceWarning")
def test_an_engine_that_dies_and_comes_back(executor, run, ours, tmp_path):
    if "QUORATE_DOCKERD_PID" not in os.environ:
        pytest.skip("kills the engine, which tests/real/docker_engine.py must have started for that (nox -s docker)")
    made = executor(timeout=60)
    run(made, "open('kept', 'w').write('kept')")

    def kill():
        while not (tmp_path / "work" / "begun").exists():
            time.sleep(0.02)
        os.kill(int(os.environ["QUORATE_DOCKERD_PID"]), signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    with pytest.raises(ExecutorError, match="no Docker engine answers at unix"):
        run(made, "import time; open('begun', 'w').close(); time.sleep(600)")
    thread.join()

    result, end = None, time.monotonic() + 30
    while result is None:
        try:
            result = run(made, "print(open('kept').read())")
        except ExecutorError:
            assert time.monotonic() < end, "the engine did not come back"
            time.sleep(0.2)
    assert (result.exit_code, result.output) == (0, "kept\n")
    assert len(ours()) == 1, "the engine ended the container of the call that it could not answer"
