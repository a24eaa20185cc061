"""Executors that mishandle files; ``fails`` names the tests that must notice, and nobody else may."""

# ruff: noqa: RUF012 - nobody changes these sets

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from broken_results import Changing
from honest_executor import HonestExecutor

from quorate.coding import CodeBlock
from quorate.coding.workdir import WorkDir


class Naming(HonestExecutor):
    """Saves blocks under the names that they ask for by a way of its own."""

    def wanted(self, code):
        first = code.partition("\n")[0]
        return first.partition("# filename:")[2].strip() or None

    def run_block(self, block, session, run):
        name = self.wanted(block.code)
        if name is None:
            return super().run_block(block, session, run)
        path = self.save(run.folder.path, name, block.code)
        unnamed = CodeBlock("\n" + block.code.partition("\n")[2], block.language)
        return super().run_block(unnamed, session, run)[0], str(path)

    def save(self, folder, name, code):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
        return path


class SavesAnywhere(Naming):
    fails = {"test_names_that_lead_out", "test_a_link_planted_by_an_earlier_block"}


class FollowsLinks(Naming):
    fails = {"test_a_link_planted_by_an_earlier_block"}

    def wanted(self, code):
        name = super().wanted(code)
        return None if name is None or ".." in name or name.startswith((".", "/")) or name.endswith("/") else name


class KnowsNoDirectories(Naming):
    fails = {
        "test_a_block_can_name_its_file",
        "test_names_that_lead_out",
        "test_a_link_planted_by_an_earlier_block",
    }

    def save(self, folder, name, code):
        return super().save(folder, Path(name).name or "x", code)


class TakesAnyCommentForAName(Naming):
    fails = {"test_other_comments_name_nothing", "test_names_that_lead_out", "test_a_link_planted_by_an_earlier_block"}

    def wanted(self, code):
        first = code.partition("\n")[0]
        return super().wanted(code) or (first.removeprefix("#").strip() if first.startswith("#") else None)


class LeavesItsFiles(HonestExecutor):
    fails = {"test_other_comments_name_nothing"}

    def run_block(self, block, session, run):
        (run.folder.path / "code.py").write_text("left")
        os.utime(run.folder.path / "code.py", (1, 1))
        return super().run_block(block, session, run)

    async def execute_code_blocks(self, blocks):
        result = await super().execute_code_blocks(blocks)
        return replace(result, files=tuple(name for name in result.files if name != "code.py"))


class ReportsNoFiles(Changing):
    fails = {"test_a_block_can_name_its_file", "test_new_and_changed_files", "test_an_image"}

    def changed(self, result):
        return replace(result, files=())


class ReportsEveryFile(Changing):
    fails = {"test_new_and_changed_files"}

    def changed(self, result):
        found = (path.relative_to(self.work_dir) for path in self.work_dir.rglob("*") if path.is_file())
        return replace(result, files=tuple(sorted(map(str, found))))


class TranslatesLineEnds(Changing):
    fails = {"test_an_image"}

    def changed(self, result):
        for name in result.files:
            if name.endswith(".png"):
                (self.work_dir / name).write_bytes((self.work_dir / name).read_bytes().replace(b"\n", b"\r\n"))
        return result


class GivesFilesAway(Changing):
    fails = {"test_files_belong_to_us"}

    def changed(self, result):
        for name in {"folder/file"} & {*result.files}:
            path = self.work_dir / name
            if os.geteuid() == 0:
                os.chown(path, 12345, 12345)
            else:
                path.chmod(0o400)
        return result


class TidiesUpBefore(HonestExecutor):
    fails = {"test_files_are_found_again", "test_new_and_changed_files", "test_without_a_work_directory"}

    async def execute_code_blocks(self, blocks):
        shutil.rmtree(self.work_dir or "nowhere", ignore_errors=True)
        return await super().execute_code_blocks(blocks)


class RunsHere(HonestExecutor):
    fails = {"test_without_a_work_directory"}

    def __init__(self, *args, work_dir=None, **options):
        super().__init__(*args, work_dir=work_dir or ".", **options)


class KeepsItsDirectory(HonestExecutor):
    fails = {"test_without_a_work_directory"}

    async def stop(self):
        folder = self.work_dir
        await super().stop()
        if folder is not None:
            folder.mkdir(exist_ok=True)


class SavesThroughAShell(HonestExecutor):
    """Saves in the right place, but under a name without what is not ASCII."""

    fails = {"test_a_block_can_name_its_file"}

    def run_block(self, block, session, run):
        class Ascii(WorkDir):
            def save(self, name, data):
                return super().save(name.encode("ascii", "ignore").decode(), data)

        folder = Ascii(run.folder.path)
        try:
            return super().run_block(block, session, replace(run, folder=folder))
        finally:
            folder.close()
