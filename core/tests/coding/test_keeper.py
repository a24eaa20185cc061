"""The keeper's parts that a newer kernel would hide."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("the keeper is for Linux", allow_module_level=True)

OLDER = """
import os, sys
from quorate.coding import _keeper
_keeper._SCOPES_SINCE = 99
shield = _keeper._shield()
code = '''
import os
os.mkdir("a"); os.mkdir("b"); open("a/x", "w"); os.rename("a/x", "b/x"); os.link("b/x", "a/y")
print(os.listdir("b"), os.listdir("a"))
try: open(f"/proc/{os.getppid()}/environ").read()
except PermissionError: print("refused")
'''
if os.fork() == 0:
    _keeper._become([os.fsencode(sys.executable), b"-c", code.encode()], 1, os.open(".", os.O_RDONLY), [], shield)
os.wait()
"""


@pytest.mark.skipif(ctypes.CDLL(None).syscall(444, None, 0, 1) < 2, reason="this kernel has no such Landlock")
def test_the_shield_of_an_older_kernel_restricts_nothing_else(tmp_path):
    done = subprocess.run([sys.executable, "-c", OLDER], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("['x'] ['y']\nrefused\n", "")


def test_a_process_name_may_hold_anything():
    from quorate.coding import _keeper

    code = "import ctypes; ctypes.CDLL(None).prctl(15, b') R 1 1 ('); print(1, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1) as process:
        process.stdout.readline()
        state, _, group = _keeper._stat(process.pid)
        assert state in "RS"
        assert group not in (0, 1)
        process.stdin.write(b"\n")
