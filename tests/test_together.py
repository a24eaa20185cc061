"""All first-party plugins in one environment: each works, and no two want one name."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from quorate import Kernel

ROOT = Path(__file__).parents[1]


def first_party() -> set[str]:
    """The entry points that the members' pyproject files declare."""
    projects = [
        tomllib.loads(path.read_text(encoding="utf-8"))["project"] for path in ROOT.glob("plugins/*/pyproject.toml")
    ]
    return {name for project in projects for name in project.get("entry-points", {}).get("quorate", {})}


def test_every_plugin_is_found_and_active() -> None:
    found = {info.name: info for info in Kernel().plugins() if info.name in first_party()}

    assert found.keys() == first_party()
    assert {name: info.error for name, info in found.items() if info.status != "active"} == {}
    assert all(info.offers for info in found.values())


@pytest.mark.parametrize("kind", ["model client", "config loader", "reply function", "code executor"])
def test_every_name_on_offer_means_one_record_whose_factory_can_be_imported(kind: str) -> None:
    kernel = Kernel()
    names = kernel.names(kind)

    assert names
    for name in names:
        assert callable(kernel.factory(kind, name))


def test_the_command_shows_them_in_strict_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUORATE_STRICT_PLUGINS", "1")
    command = [sys.executable, "-m", "quorate", "plugins", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert first_party() <= {plugin["name"] for plugin in json.loads(done.stdout)}
