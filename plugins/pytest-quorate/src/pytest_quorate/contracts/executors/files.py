"""Files: what code and its authors name stays in the work directory, and what is new there is told."""

# ruff: noqa: S101, ASYNC240 - these are tests, kept where plugins can inherit them; nothing else runs on their loops

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_quorate.contracts.executors._subject import ExecutorSubject, driven, run, run_all, succeeded
from quorate import CodeBlock, call

if TYPE_CHECKING:
    from pytest_quorate.contracts.executors._subject import Fresh

_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="


class FileTests(ExecutorSubject, contract=True):
    """Named files, work directories and the report of what is new."""

    @pytest.mark.parametrize("name", ["step.py", "deep/er/step.py", "Grüße 世界.py"])
    @driven
    async def test_a_block_can_name_its_file(self, fresh: Fresh, work: Path, name: str) -> None:
        """``# filename: x`` in the first line saves the block under that name, sub-directories and Unicode included.

        Why: that is how models write programs of several files.
        Fix: ``quorate.coding.CommandLineExecutor`` saves it; ``WorkDir.save`` does it for others.
        """
        code = f"# filename: {name}\nprint(5)\n"
        result = await succeeded(fresh(), code)
        assert (result.output, result.files) == ("5\n", (name,))
        assert (work / name).read_text(encoding="utf-8") == code
        assert result.code_file is not None
        assert Path(result.code_file) == work / name

    @pytest.mark.parametrize("first", ["# compute the answer", "# file: step.py", "# a/b c"])
    @driven
    async def test_other_comments_name_nothing(self, fresh: Fresh, work: Path, first: str) -> None:
        """Any other comment is a comment, and a block without a name leaves no file behind.

        Why: AutoGen 0.2 made a file of every first comment; and a folder full of code files hides the results.
        Fix: look for exactly ``# filename:``; remove your temporary file when the block has ended.
        """
        result = await succeeded(fresh(), f"{first}\nprint(5)")
        assert (result.output, result.files) == ("5\n", ())
        assert list(work.iterdir()) == []

    @pytest.mark.parametrize("name", ["../escaped", "a/../../escaped", "{outside}/escaped", "..", ".", "a/"])
    @driven
    async def test_names_that_lead_out(self, fresh: Fresh, work: Path, outside: Path, name: str) -> None:
        """A name that leads out of the work directory, or names no file, is refused as a result, and nothing runs.

        Why: the file is written by our process, with our rights, whatever stands between the code and the machine.
        Fix: ``quorate.coding.WorkDir.save`` refuses it.
        """
        named = f"# filename: {name.format(outside=outside)}\nopen('ran', 'w')\n"
        result = await run(fresh(), named)
        assert result.exit_code != 0
        assert result.output.strip()
        assert list(outside.iterdir()) == []
        assert not (work.parent / "escaped").exists()
        assert not (work / "ran").exists()

    @pytest.mark.parametrize(
        ("link", "target", "name"),
        [
            ("step.py", "../outside/precious", "step.py"),
            ("step.py", "../outside/new", "step.py"),
            ("below", "../outside", "below/step.py"),
        ],
    )
    @driven
    async def test_a_link_planted_by_an_earlier_block(
        self, fresh: Fresh, outside: Path, link: str, target: str, name: str
    ) -> None:
        """A link that code made is not followed when the next block is saved, neither by its last part nor on the way.

        Why: code in a container makes the link, and our process outside would write through it.
        Fix: ``quorate.coding.WorkDir.save`` opens every directory on the way without following links.
        """
        (outside / "precious").write_text("precious")
        plant = f"import os\nos.symlink({target!r}, {link!r})"
        named = f"# filename: {name}\nprint('written')\n"
        await run_all(fresh(), CodeBlock(plant, "python"), CodeBlock(named, "python"))
        assert [path.name for path in outside.iterdir()] == ["precious"]
        assert (outside / "precious").read_text() == "precious"

    @driven
    async def test_new_and_changed_files(self, fresh: Fresh, work: Path) -> None:
        """``files`` names what the blocks made or changed, relative to the work directory, and nothing else.

        Why: agents show, send and read these files.
        Fix: ``quorate.coding.WorkDir.changed_since`` finds them.
        """
        work.mkdir()
        for name in ("changed", "untouched", "removed"):
            (work / name).write_text("old")
            os.utime(work / name, (1, 1))
        code = (
            "import os\nopen('changed', 'a').write('!')\nos.remove('removed')\n"
            "os.makedirs('a/b')\nopen('a/b/new', 'w').write('x')\nos.symlink('changed', 'link')\n"
        )
        executor = fresh()
        await succeeded(executor, "import time; time.sleep(0.05)")
        assert (await succeeded(executor, code)).files == ("a/b/new", "changed")
        assert (await succeeded(executor, "open('changed').read()")).files == ()

    @driven
    async def test_an_image(self, fresh: Fresh, work: Path) -> None:
        """An image that code saves comes back byte for byte.

        Why: plots are what people run code for.
        Fix: bind the work directory, or copy files as bytes.
        """
        code = f"import base64, os\nos.mkdir('plots')\nopen('plots/p.png', 'wb').write(base64.b64decode('{_PIXEL}'))"
        result = await succeeded(fresh(), code)
        assert result.files == ("plots/p.png",)
        assert (work / "plots" / "p.png").read_bytes() == base64.b64decode(_PIXEL)

    @driven
    async def test_files_belong_to_us(self, fresh: Fresh, work: Path) -> None:
        """What code makes can be read, changed and removed by whoever runs us.

        Why: files of root or of a container's user stay in people's folders for ever.
        Fix: run the code with the caller's uid and gid.
        """
        await succeeded(fresh(), "import os\nos.mkdir('folder')\nopen('folder/file', 'w').write('x')")
        file = work / "folder" / "file"
        if hasattr(os, "geteuid"):
            assert (file.stat().st_uid, file.parent.stat().st_uid) == (os.geteuid(), os.geteuid())
        file.write_text("y")
        file.unlink()
        file.parent.rmdir()

    @driven
    async def test_files_are_found_again(self, fresh: Fresh, work: Path) -> None:
        """One block finds what another block, an earlier call or we put into the work directory.

        Why: programs are written, then imported; data are laid there for the code.
        Fix: run code in the work directory itself.
        """
        work.mkdir()
        (work / "given").write_text("41")
        executor = fresh()
        named = "# filename: step.py\ndef add(n):\n    return n + 1\n"
        await succeeded(executor, named)
        result = await succeeded(executor, "import step; print(step.add(int(open('given').read())))")
        assert result.output == "42\n"

    @driven
    async def test_without_a_work_directory(
        self, fresh: Fresh, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without a work directory the executor makes a private one, never our current one, and removes it.

        Why: AutoGen 0.2 littered the program's own folder, in which ``.env`` and the code itself are.
        Fix: ``tempfile.mkdtemp``, and its removal in ``stop``. That it is removed is checked after the test.
        """
        monkeypatch.chdir(tmp_path)
        before = sorted(path.name for path in tmp_path.iterdir())
        executor = fresh(None)
        await succeeded(executor, "open('made', 'w').write('x')")
        assert (await succeeded(executor, "print(open('made').read())")).output == "x\n"
        await call("code", executor.stop)
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        assert not work.exists()
