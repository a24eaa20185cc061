"""The law that imports point one way, checked by the contracts in the root pyproject.toml."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())"]
FORBIDDEN = {
    "quorate/errors.py": "import quorate.agents",
    "quorate/models/results.py": "import quorate.kernel",
    "quorate/kernel.py": "import quorate_tiny_model",
    "quorate/coding/protocol.py": "import openai",
    "quorate_dotenv_config/__init__.py": "import quorate_openai_client",
}


def copy_sources(folder: Path) -> None:
    """Put all packages side by side, as an installation would, with the contracts beside them."""
    for source in (ROOT / "core" / "src", *sorted(ROOT.glob("plugins/*/src"))):
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "model"))
    shutil.copy(ROOT / "pyproject.toml", folder)


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_the_arrows_point_one_way(tmp_path: Path) -> None:
    copy_sources(tmp_path)
    done = lint(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("place", FORBIDDEN)
def test_an_arrow_the_other_way_is_seen(tmp_path: Path, place: str) -> None:
    copy_sources(tmp_path)
    with (tmp_path / place).open("a", encoding="utf-8") as file:
        file.write(f"\n{FORBIDDEN[place]}\n")
    done = lint(tmp_path)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout, done.stdout + done.stderr


def test_a_module_without_a_place_is_seen(tmp_path: Path) -> None:
    copy_sources(tmp_path)
    (tmp_path / "quorate" / "unplaced.py").write_text('"""New."""\n', encoding="utf-8")
    assert "unplaced" in lint(tmp_path).stdout
