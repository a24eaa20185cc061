"""What `import quorate` and discovery may load: nothing heavy, and no SDK."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SDKS = {
    "aiohttp",
    "azure",
    "docker",
    "dotenv",
    "httpx",
    "httpx2",
    "jiter",
    "numpy",
    "openai",
    "requests",
    "tokenizers",
    "torch",
    "transformers",
    "vllm",
}
HEAVY = {"anyio", "pydantic", "pydantic_core", "pytest", "sqlite3"}
DISCOVERY = "import quorate; kernel = quorate.Kernel(); plugins = kernel.plugins()"


def modules_after(program: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after a program, beyond those it starts with."""
    report = (
        f"import sys, json; before = set(sys.modules)\n{program}\nprint(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_the_measure_sees_what_is_loaded() -> None:
    assert {"pydantic", "anyio"} <= modules_after("import pydantic, anyio")


def test_importing_quorate_loads_nothing_heavy_and_no_sdk() -> None:
    assert not modules_after("import quorate") & (SDKS | HEAVY)


def test_discovery_with_every_plugin_installed_loads_nothing_heavy_and_no_sdk() -> None:
    loaded = modules_after(DISCOVERY)

    assert "quorate_tiny_model" in loaded, "discovery imports the plugins themselves"
    assert not loaded & (SDKS | HEAVY)


@pytest.mark.parametrize("name", ["Kernel", "ModelClientRecord", "ConfigLoaderRecord", "hookimpl"])
def test_what_a_plugin_imports_is_light(name: str) -> None:
    assert not modules_after(f"from quorate import {name}") & (SDKS | HEAVY)
