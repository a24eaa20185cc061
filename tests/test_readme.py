"""Every code block of the README and the documentation is run, or says why not.

Blocks of a page are taken by language. `python` blocks run in order as one program. A `console` block runs its
`$ quorate ...` and `$ python ...` lines and compares the output: `...` stands for anything, and where none is shown
success is enough. `bash` blocks are set-up (as are `$ pip ...` lines); the nox sessions they name must exist. `json` and
`toml` must parse; `text` is only text. A comment on the line before a block can say `<!-- not run: why -->`, or
`<!-- file: name -->` to save the block for the others.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACES = ("*.md", "core/*.md", "plugins/*/*.md", "docs/**/*.md", "examples/*.md")
FENCE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?P<language>[^\n`]*)\n(?P<code>.*?)^(?P=fence)[ ]*$", re.MULTILINE | re.DOTALL
)
COMMENT = re.compile(r"<!-- (?P<what>not run|file): (?P<value>.+?) -->\n\Z")
SET_UP = ("pip", "git", "cd", "uv", "export", "#")
COMMANDS = {"quorate": [sys.executable, "-m", "quorate"], "python": [sys.executable]}
KEYS = re.compile(r"_API_KEY$|^OAI_|^OPENAI_|^AZURE_|^QUORATE_")


@dataclass(frozen=True)
class Block:
    language: str
    code: str
    line: int
    file: str | None = None


def blocks(text: str) -> list[Block]:
    """The code blocks of a page that are not marked `not run`; directives such as `{toctree}` are no code."""
    found: list[Block] = []
    for match in FENCE.finditer(text):
        mark = COMMENT.search(text[: match.start()])
        language = match["language"].strip()
        directive = language.startswith("{") and not language.startswith(("{code", "{doctest", "{testcode"))
        if directive or (mark and mark["what"] == "not run"):
            continue
        file = mark["value"] if mark else None
        found.append(Block(language, match["code"], text.count("\n", 0, match.start("code")), file))
    return found


def clean_environment() -> dict[str, str]:
    """This environment without keys and settings, so that nothing goes to a real endpoint."""
    kept = {name: value for name, value in os.environ.items() if not KEYS.search(name)}
    return kept | {"NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}


def execute(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def run_python(page: list[Block], folder: Path) -> str:
    """Run the page's Python blocks as one program whose line numbers are the page's."""
    program: list[str] = []
    for block in page:
        program += [""] * (block.line - len(program)) + block.code.splitlines()
    (folder / "page.py").write_text("\n".join(program), encoding="utf-8")
    done = execute([sys.executable, "page.py"], folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def run_console(block: Block, folder: Path) -> str:
    """Run the commands of a transcript and compare what they print."""
    _, *parts = re.split(r"^\$ ", f"\n{block.code}", flags=re.MULTILINE)
    for part in parts:
        line, _, wanted = part.partition("\n")
        program, *arguments = shlex.split(line)
        if program in SET_UP:
            continue
        if program not in COMMANDS:
            return f"only quorate and python are run here, not: {line}"
        done = execute([*COMMANDS[program], *arguments], folder)
        got = done.stdout + done.stderr
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        if wanted.strip() and not doctest.OutputChecker().check_output(
            wanted.strip() + "\n", got.strip() + "\n", flags
        ):
            return f"$ {line}\nshould print\n{wanted}\nbut printed\n{got}"
        if not wanted.strip() and done.returncode:
            return f"$ {line}\nfailed\n{got}"
    return "" if parts else "no line starts with `$ `"


def check_set_up(block: Block) -> str:
    """Look at set-up lines: the nox sessions they name exist, and nothing is there that a test should run."""
    sessions = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE))
    for command in filter(None, map(str.strip, re.split(r"\n|&&", block.code))):
        word, *rest = shlex.split(command)
        if word == "nox":
            named = rest[rest.index("-s") + 1].split("-")[0].split("(")[0] if "-s" in rest else "tests"
            if named not in sessions:
                return f"noxfile.py has no session {named!r}: {command}"
        elif word not in SET_UP:
            return f"this is no set-up; write it as a console block that can be run: {command}"
    return ""


def check_data(block: Block) -> str:
    load = {"json": json.loads, "toml": tomllib.loads}[block.language]
    try:
        load(block.code)
    except ValueError as error:
        return str(error)
    return ""


def faults(text: str, folder: Path) -> list[str]:
    """What is wrong with the blocks of a page."""
    page = blocks(text)
    for block in page:
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.code, encoding="utf-8")
    found = [f"line {block.line + 1}: {fault}" for block in page if (fault := check(block, folder))]
    python = [block for block in page if block.language == "python" and not block.file]
    return [*found, *filter(None, [run_python(python, folder) if python else ""])]


def check(block: Block, folder: Path) -> str:
    """What is wrong with one block; Python is run per page."""
    if block.file or block.language in {"python", "text"}:
        return ""
    if block.language == "console":
        return run_console(block, folder)
    if block.language == "bash":
        return check_set_up(block)
    if block.language in {"json", "toml"}:
        return check_data(block)
    return f"no way to check a block of {block.language or 'no language'!r}; see the top of tests/test_readme.py"


PAGES = sorted(
    {path.relative_to(ROOT).as_posix() for place in PLACES for path in ROOT.glob(place) if "_build" not in path.parts}
)


@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page(page: str, tmp_path: Path) -> None:
    found = faults((ROOT / page).read_text(encoding="utf-8"), tmp_path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("session", ["demo", "tests"])
def test_the_readme_has_the_two_commands(session: str) -> None:
    commands = [
        line for block in blocks((ROOT / "README.md").read_text(encoding="utf-8")) for line in block.code.splitlines()
    ]
    assert f"pip install nox && nox -s {session}" in commands


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("text\n\n```python\nx = 1\n```\n\n```python\nassert x == 2\n```\n", "line 8"),
        ("```console\n$ python -c 'print(42)'\n43\n```\n", "42"),
        ("```console\n$ python -c 'raise SystemExit(3)'\n```\n", "failed"),
        ("```bash\nnox -s nonsense\n```\n", "nonsense"),
        ("```bash\nquorate plugins\n```\n", "no set-up"),
        ("```json\n{]\n```\n", "line 2"),
        ("```\nuntagged\n```\n", "no language"),
        ("```{code-block} python\n1/0\n```\n", "no way to check"),
    ],
)
def test_a_block_that_is_wrong_is_seen(page: str, fault: str, tmp_path: Path) -> None:
    (found,) = faults(page, tmp_path)
    assert fault in found


def test_a_block_can_be_saved_or_left_out(tmp_path: Path) -> None:
    page = "<!-- file: a/b.txt -->\n```text\nhello\n```\n\n<!-- not run: it would wait -->\n```python\ninput()\n```\n"
    check_it = "\n```console\n$ python -c \"print(open('a/b.txt').read())\"\nhello\n```\n"
    assert not faults(page + check_it, tmp_path)
