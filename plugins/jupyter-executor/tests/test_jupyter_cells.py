"""What cells print, display and end with."""

from __future__ import annotations

import base64
import importlib.util
import sys

import pytest

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="


def test_what_is_printed_comes_before_the_value_that_is_shown(shared, run):
    code = "import os, subprocess\nprint(1)\nos.system('echo 2')\nsubprocess.run(['echo', '3'])\nprint(4)\n5"
    assert run(shared, code).output == "1\n2\n3\n4\n5\n"


def test_commands_of_the_shell(shared, run):
    assert run(shared, "word = 'said'\n!echo $word").output == "said\n"


def test_a_value_that_is_not_shown(shared, run):
    assert run(shared, "6 * 7;").output == ""


def test_a_traceback_has_no_colours(shared, run):
    told = run(shared, "def halve(n):\n    return n / 0\nhalve(3)")
    assert told.exit_code == 1
    assert "halve(3)" in told.output
    assert told.output.endswith("ZeroDivisionError: division by zero\n")
    assert "\x1b" not in told.output


@pytest.mark.parametrize(
    ("code", "exit_code", "output"),
    [
        ("sys.exit()", 0, ""),
        ("sys.exit(0)", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit(-1)", 255, ""),
        ("sys.exit('no data')", 1, "no data\n"),
        ("raise SystemExit(300)", 44, ""),
    ],
)
def test_exit_codes(shared, run, code, exit_code, output):
    told = run(shared, f"import sys\n{code}")
    assert (told.exit_code, told.output) == (exit_code, output)


@pytest.mark.parametrize(
    ("shown", "suffix", "content"),
    [
        (f"Image(data=base64.b64decode('{PNG}'))", ".png", base64.b64decode(PNG)),
        ("SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')", ".svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("HTML('<table><tr><td>1</td></tr></table>')", ".html", b"<table><tr><td>1</td></tr></table>"),
        ("Image(data=b'\\xff\\xd8jpeg', format='jpeg')", ".jpg", b"\xff\xd8jpeg"),
    ],
)
def test_what_is_displayed_is_a_file(shared, run, shown, suffix, content):
    told = run(shared, f"import base64\nfrom IPython.display import *\ndisplay({shown})")
    (name,) = told.files
    assert name.startswith("output_")
    assert name.endswith(suffix)
    assert told.output.endswith(f"Saved as {name}\n")
    assert (shared.work_dir / name).read_bytes() == content


def test_a_table_is_text_and_file(shared, run):
    code = (
        "class Table:\n    def __repr__(self): return 'one row'\n    def _repr_html_(self): return '<table/>'\nTable()"
    )
    told = run(shared, code)
    assert (told.output, len(told.files)) == (f"one row\nSaved as {told.files[0]}\n", 1)


def test_a_plot(shared, run):
    if importlib.util.find_spec("matplotlib") is None:
        pytest.skip("needs matplotlib")
    told = run(shared, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert [name[-4:] for name in told.files] == [".png"]


@pytest.mark.parametrize("line", ["%pip --version", "!{sys.executable} -m pip --version"])
def test_pip(shared, run, line):
    if importlib.util.find_spec("pip") is None:
        pytest.skip("needs pip beside the kernel's Python")
    told = run(shared, f"import sys\n{line}")
    assert told.exit_code == 0
    assert told.output.startswith("pip ")


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc, which only Linux has")
def test_nobody_can_connect_to_it(shared, run):
    code = (
        "import os\n"
        "sockets = {os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd') if os.path.islink(f'/proc/self/fd/{fd}')}\n"
        "lines = [line.split() for kind in ('tcp', 'tcp6') for line in list(open(f'/proc/self/net/{kind}'))[1:]]\n"
        "print([line[1] for line in lines if line[3] == '0A' and f'socket:[{line[9]}]' in sockets])\n"
        "home = os.path.dirname(os.environ['IPYTHONDIR'])\n"
        "print(oct(os.stat(home).st_mode & 0o777), [oct(os.stat(f'{home}/{n}').st_mode & 0o777) for n in os.listdir(home) if n.endswith('json')])"
    )
    assert run(shared, code).output == "[]\n0o700 ['0o600']\n"
