"""The local executor: what code can learn of us, and reach of us."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

import pytest

from quorate.coding import code_environment


def _landlock():
    """Which version of Landlock the kernel has; 0 when it has none."""
    if sys.platform != "linux":
        return 0
    return max(ctypes.CDLL(None).syscall(444, None, 0, 1), 0)


def test_only_what_the_allow_list_names_is_passed():
    ours = {"PATH": "/bin", "HOME": "/h", "OPENAI_API_KEY": "sk", "AWS_SECRET_ACCESS_KEY": "x", "MY_TOKEN": "x"}
    given = code_environment(ours, {}, None)
    assert {"PATH": "/bin", "HOME": "/h", "LANG": "C.UTF-8"}.items() <= given.items()
    assert not [name for name in given if "KEY" in name or "TOKEN" in name]


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        ({"LANG": "de_DE.ISO-8859-1", "LC_ALL": "C"}, {"LANG": "C.UTF-8"}),
        ({"LC_ALL": "fr_FR.UTF-8"}, {"LC_ALL": "fr_FR.UTF-8"}),
        ({"LANG": "POSIX", "LC_CTYPE": "en_US.utf8"}, {"LC_CTYPE": "en_US.utf8"}),
    ],
)
def test_the_locale_is_utf8(ours, expected):
    given = code_environment(ours, {}, None)
    assert {name: value for name, value in given.items() if name.startswith(("LANG", "LC_"))} == expected


def test_a_proxy_with_a_password_stays_ours():
    ours = {"https_proxy": "http://me:secret@proxy:1", "http_proxy": "http://proxy:1"}
    assert "secret" not in str(given := code_environment(ours, {}, None))
    assert given["http_proxy"] == "http://proxy:1"


def test_what_the_user_names_is_passed_and_wins(make, run, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-ours")
    executor = make(env={"GIVEN": "yes", "PYTHONUNBUFFERED": "0"})
    code = "import os; print(os.environ['GIVEN'], os.environ['PYTHONUNBUFFERED'], os.environ.get('OPENAI_API_KEY'))"
    assert run(executor, code).output == "yes 0 None\n"


def test_text_is_utf8_whatever_our_locale(make, run, monkeypatch):
    for name in ("LC_ALL", "LANG", "PYTHONIOENCODING"):
        monkeypatch.setenv(name, "C")
    code = "open('ü', 'w').write('ß'); print(open('ü').read(), 'é', '\\udc80\\ud800')"
    result = run(make(), code)
    assert (result.output, result.files) == ("ß é \\udc80\\ud800\n", ("ü",))


def test_code_has_none_of_our_descriptors(make, run, tmp_path):
    with (tmp_path / "ours").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        result = run(make(), "import os; print(sorted(os.listdir('/dev/fd'), key=int))")
    assert result.output == "['0', '1', '2', '3']\n"


@pytest.mark.skipif(_landlock() < 2, reason="the kernel cannot keep code from reading other processes")
def test_code_cannot_read_our_environment_or_memory(make, run):
    code = (
        "import os, pathlib\n"
        f"for pid in (os.getppid(), {os.getpid()}):\n"
        "    for name in ('environ', 'mem', 'maps', 'cwd/', 'fd/0'):\n"
        "        try:\n"
        "            with open(f'/proc/{pid}/{name}', 'rb') as file: file.read(1)\n"
        "        except PermissionError: continue\n"
        "        except IsADirectoryError: pass\n"
        "        print('open:', pid, name)\n"
    )
    assert run(make(), code).output == ""
    # Without the shield the parent can be read, so the above does not pass for another reason.
    assert "environ" in run(make(shield=False), code).output


def test_code_finds_no_key_in_its_ancestors_short_of_us(make, run, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-ours")
    code = "import os; print(b'sk-ours' in open(f'/proc/{os.getppid()}/environ', 'rb').read())"
    if sys.platform == "linux":
        assert run(make(shield=False), code).output == "False\n"


@pytest.mark.skipif(_landlock() < 6, reason="the kernel cannot keep signals inside")
def test_code_cannot_signal_us_or_its_keeper(make, run):
    got = []
    before = signal.signal(signal.SIGUSR1, lambda *_: got.append(1))
    try:
        code = (
            f"import os\nfor pid in (os.getppid(), {os.getpid()}):\n"
            "    try: os.kill(pid, 10)\n    except PermissionError: print('refused')\n"
        )
        assert run(make(), code).output == "refused\nrefused\n"
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert not got


def test_code_can_read_and_signal_its_own(make, run):
    # cat answers first: until then the kernel may still be setting its environment up.
    code = (
        "import subprocess\n"
        "child = subprocess.Popen(['cat'], stdin=-1, stdout=-1)\n"
        "child.stdin.write(b'x'); child.stdin.flush(); child.stdout.read(1)\n"
        "print(len(open(f'/proc/{child.pid}/environ').read()) > 0)\n"
        "child.terminate()\n"
        "print(child.wait())"
    )
    if sys.platform == "linux":
        assert run(make(), code).output == "True\n-15\n"


def test_signals_work_as_usual_in_code(make, run):
    assert run(make(), "yes | head -1; kill -s PIPE $$; echo not reached", "sh").exit_code == 141
