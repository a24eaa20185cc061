"""The local executor: where files can be saved, and which are reported."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import threading

import pytest

from quorate.coding import CodeBlock, Refused, WorkDir


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "work").mkdir()
    opened = WorkDir(tmp_path / "work")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("first", "language", "name"),
    [
        ("# filename: a.py", "python", "a.py"),
        ("#filename:a.py", "python", "a.py"),
        ("# filename: src/deep/a b.py", "python", "src/deep/a b.py"),
        ("# filename: ./a.sh", "sh", "a.sh"),
        ("# filename: -c", "python", "-c"),
        ("# filename: -c", "sh", "-c"),
        ("# filename: Grüße.py", "python", "Grüße.py"),
        ("<!-- filename: a.html -->", "html", "a.html"),
        ("/* filename: a.css */", "css", "a.css"),
        ("// filename: a.js", "js", "a.js"),
        ("/* filename: a.js */", "javascript", "a.js"),
    ],
)
def test_a_block_can_name_its_file(make, run, tmp_path, first, language, name):
    code = f"{first}\n{'print(5)' if language == 'python' else 'echo 5'}\n"
    result = run(make(work_dir=tmp_path), code, language)
    assert result.exit_code == 0, result.output
    assert result.output in ("5\n", f"Code saved to {name}\n")
    assert (result.files, result.code_file) == ((name,), str(tmp_path / name))
    assert (tmp_path / name).read_text() == code


@pytest.mark.parametrize(
    "first", ["# compute the answer", "# a/b c", "# Filename: x.py", "# file: x.py", "# filename:"]
)
def test_other_comments_name_nothing(make, run, tmp_path, first):
    assert run(make(work_dir=tmp_path), f"{first}\nprint(1)").files == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/tmp/x", "..", ".", "a/", "a\\b", "a\0b", "a\tb", "x" * 300, "~/../../x"]
)
def test_refused_names_are_results_and_nothing_runs(make, run, tmp_path, name):
    result = run(make(work_dir=tmp_path / "work"), f"# filename: {name}\nopen('ran', 'w')")
    assert result.exit_code == 1
    assert "file name" in result.output
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["work"]


def test_a_file_of_that_name_is_replaced(make, run, tmp_path):
    executor = make(work_dir=tmp_path)
    run(executor, "# filename: a.py\nprint(1)")
    assert run(executor, "# filename: a.py\nprint(22)").output == "22\n"


@pytest.mark.parametrize(
    "plant",
    ["ln -s ../outside a.py", "ln -s ../outside/b a.py", "mkdir a.py", "mkfifo a.py", "ln -s ../outside d", "touch d"],
)
def test_a_link_planted_by_an_earlier_block_is_not_followed(make, tmp_path, plant):
    (tmp_path / "outside").mkdir()
    name = "d/a.py" if plant.endswith(" d") else "a.py"
    blocks = [CodeBlock(plant, "sh"), CodeBlock(f"# filename: {name}\nprint('ran')", "python")]
    result = asyncio.run(make(work_dir=tmp_path / "work").execute_code_blocks(blocks))
    assert result.exit_code == 1, result.output
    assert "ran" not in result.output
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_hard_link_is_replaced_not_written_through(make, run, tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "work").mkdir()
    os.link(tmp_path / "precious", tmp_path / "work" / "a.py")
    assert run(make(work_dir=tmp_path / "work"), "# filename: a.py\nprint(1)").output == "1\n"
    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.skipif(sys.platform != "linux", reason="exchanges two names at once, renameat2(2)")
def test_a_rename_race_does_not_lead_out(folder, tmp_path):
    (tmp_path / "outside").mkdir()
    work, stop, libc = folder.path, threading.Event(), ctypes.CDLL(None)
    (work / "d").mkdir()
    (work / "link").symlink_to("../outside")

    def swap():
        while not stop.is_set():
            libc.renameat2(-100, bytes(work / "d"), -100, bytes(work / "link"), 2)

    racer = threading.Thread(target=swap)
    racer.start()
    saved = refused = 0
    try:
        while (not saved or not refused) and saved + refused < 5000:
            try:
                folder.save("d/a.py", b"x")
                saved += 1
            except Refused:
                refused += 1
    finally:
        stop.set()
        racer.join()
    assert saved
    assert list((tmp_path / "outside").iterdir()) == []


def test_without_descriptors_links_are_refused_too(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "d").symlink_to(tmp_path)
    folder = WorkDir(tmp_path / "work")
    folder.close()
    folder.fd = None
    assert folder.save("a/b.py", b"x") == "a/b.py"
    assert folder.save("a/b.py", b"y") == "a/b.py"
    assert (tmp_path / "work/a/b.py").read_bytes() == b"y"
    with pytest.raises(Refused):
        folder.save("d/b.py", b"x")
    name = folder.save_new("tmp_code_", ".py", b"x")
    folder.remove(name)
    assert not (tmp_path / "work" / name).exists()
    assert not (tmp_path / "b.py").exists()


def test_a_temporary_file_is_new_and_ours_alone(folder):
    name = folder.save_new("tmp_code_", ".py", b"x")
    assert (folder.path / name).stat().st_mode & 0o777 == 0o600
    folder.remove(name)
    folder.remove(name)


def test_new_and_changed_files_are_reported(make, run, tmp_path):
    (tmp_path / "old").write_text("1")
    (tmp_path / "untouched").write_text("1")
    executor = make(work_dir=tmp_path)
    asyncio.run(executor.start())
    for path in tmp_path.iterdir():
        os.utime(path, (1, 1))
    run(executor, "sleep 0.02", "sh")
    code = (
        "echo 2 > old; mkdir -p d/e; echo > d/e/new; ln -s old link; mkdir __pycache__; echo > __pycache__/x; echo > ü"
    )
    assert run(executor, code, "sh").files == ("d/e/new", "old", "ü")
    assert run(executor, ":", "sh").files == ()
    assert run(executor, "touch -d @1 old; mv ü v", "sh").files == ("old", "v")


def test_each_run_reports_its_own_files_however_quick(make, run, tmp_path):
    executor = make(work_dir=tmp_path)
    for n in range(20):
        assert run(executor, f"echo > f{n}", "sh").files == (f"f{n}",)


def test_a_very_deep_tree_is_no_trouble(make, run):
    code = "import os\nfor _ in range(3000): os.mkdir('d'); os.chdir('d')\nopen('x', 'w')"
    executor = make()
    assert run(executor, code).exit_code == 0
    assert run(executor, "open('y', 'w')").files == ("y",)
