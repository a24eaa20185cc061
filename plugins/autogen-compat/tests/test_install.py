"""Answering to `import autogen`: only when asked, with the very same modules, and never in place of another."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import quorate_autogen_compat

SOURCE = Path(quorate_autogen_compat.__file__).parents[1]
SWITCH = "quorate_autogen_compat.pth"


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key != "QUORATE_AUTOGEN"}
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=kept | environment
    )


def test_nothing_answers_unless_asked() -> None:
    done = run("import quorate_autogen_compat\nimport autogen")
    assert "No module named 'autogen'" in done.stderr


def test_both_names_mean_the_same_modules() -> None:
    program = """
import quorate_autogen_compat.install
import autogen, autogen.agentchat.contrib.img_utils, sys
from autogen.oai.openai_utils import filter_config
import quorate_autogen_compat as face
from quorate_autogen_compat.agentchat.contrib import img_utils
assert autogen is face
assert autogen.agentchat.contrib.img_utils is img_utils
assert sys.modules["autogen.oai.openai_utils"] is sys.modules["quorate_autogen_compat.oai.openai_utils"]
assert isinstance(face.AssistantAgent("a"), autogen.ConversableAgent)
assert importlib.reload(autogen) is face if (importlib := __import__("importlib")) else False
"""
    done = run(program)
    assert done.returncode == 0, done.stderr


def test_the_switch_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / SWITCH).write_text((SOURCE / SWITCH).read_text(encoding="utf-8"), encoding="utf-8")
    start = f"import site, sys; site.addsitedir({str(tmp_path)!r})\n"
    loaded = start + "print('quorate_autogen_compat' in sys.modules)"

    assert run(loaded).stdout.strip() == run(loaded, QUORATE_AUTOGEN="0").stdout.strip() == "False"
    assert run(start + "import autogen; print(autogen.__name__)", QUORATE_AUTOGEN="1").stdout.strip() == (
        "quorate_autogen_compat"
    )


@pytest.mark.parametrize("order", ["after", "before"])
def test_another_autogen_is_not_shadowed(tmp_path: Path, order: str) -> None:
    (tmp_path / "autogen.py").write_text('"""The other one."""\n', encoding="utf-8")
    path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    ask, use = "import quorate_autogen_compat.install\n", "import autogen\n"
    done = run(path + (ask + use if order == "after" else use + ask))

    assert done.returncode != 0
    assert str(tmp_path / "autogen.py") in done.stderr
    assert "Uninstall it, or do not ask for this" in done.stderr


def test_a_mere_folder_of_that_name_is_no_autogen(tmp_path: Path) -> None:
    (tmp_path / "autogen").mkdir()
    path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    done = run(path + "import quorate_autogen_compat.install, autogen; print(autogen.__version__)")
    assert done.stdout.strip() == "0.2.40", done.stderr


def test_importing_it_is_cheap() -> None:
    heavy = {"pydantic", "anyio", "openai", "docker", "sqlite3", "numpy"}
    done = run(f"import quorate_autogen_compat, sys; print(sorted({heavy!r} & set(sys.modules)))")
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(
    ("module", "instead"),
    [
        ("agentchat.contrib.retrieve_user_proxy_agent", "hook"),
        ("agentchat.contrib.vectordb", "hook"),
        ("oai.gemini", "base_url"),
        ("cache.redis_cache", "Cache.disk"),
    ],
)
@pytest.mark.parametrize("name", ["autogen", "quorate_autogen_compat"])
def test_what_is_not_here_says_so(name: str, module: str, instead: str) -> None:
    importlib.import_module("quorate_autogen_compat.install")
    with pytest.raises(ImportError, match=rf"autogen\.{module} of AutoGen 0\.2 is not part of.*{instead}"):
        importlib.import_module(f"{name}.{module}")


def test_a_name_that_nobody_knows_is_an_ordinary_error() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'quorate_autogen_compat\.nonsense'"):
        importlib.import_module("quorate_autogen_compat.nonsense")
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = quorate_autogen_compat.nonsense
    with pytest.raises(ImportError, match=r"openai below 1\.0"):
        from quorate_autogen_compat import Completion  # noqa: F401
