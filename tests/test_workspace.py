"""Every member has what a member has, and nothing forgets one."""

from __future__ import annotations

import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PLUGINS = sorted(path.parent.name for path in ROOT.glob("plugins/*/pyproject.toml"))
NOT_FOUND_BY_HOOKS = {"autogen-compat", "pytest-quorate"}
"""Packages that offer the kernel no record: programs import them, or pytest does."""


def toml(path: Path) -> Any:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def package_of(plugin: str) -> str:
    """The one package in a plugin's src."""
    (package,) = [path.parent.name for path in (ROOT / "plugins" / plugin / "src").glob("*/__init__.py")]
    return package


def test_there_are_plugins() -> None:
    assert {"dotenv-config", "openai-client", "tiny-model"} <= set(PLUGINS)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_one_name_in_every_place(plugin: str) -> None:
    project = toml(ROOT / "plugins" / plugin / "pyproject.toml")["project"]
    dist = plugin if plugin.startswith("pytest-") else f"quorate-{plugin}"
    package = dist.replace("-", "_")

    assert project["name"] == dist
    assert package_of(plugin) == package
    wanted = {} if plugin in NOT_FOUND_BY_HOOKS else {plugin: package}
    assert project.get("entry-points", {}).get("quorate", {}) == wanted


@pytest.mark.parametrize("member", ["core", *(f"plugins/{plugin}" for plugin in PLUGINS)])
def test_a_member_is_whole(member: str) -> None:
    missing = [
        name
        for name in ("README.md", "CHANGELOG.md", "pyproject.toml", "src", "tests")
        if not (ROOT / member / name).exists()
    ]
    assert not missing
    project = toml(ROOT / member / "pyproject.toml")["project"]
    assert project["license"] == "MIT"
    assert project["requires-python"] == ">=3.11"
    assert all(">=" in need for need in project.get("dependencies", []) if need != "quorate"), (
        "a floor for each dependency"
    )


@pytest.mark.parametrize("member", ["core", *(f"plugins/{plugin}" for plugin in PLUGINS)])
def test_what_is_installed_is_typed(member: str) -> None:
    files = distribution(toml(ROOT / member / "pyproject.toml")["project"]["name"]).files or ()
    assert any(file.name == "py.typed" for file in files)


def test_the_contracts_on_layers_know_every_plugin() -> None:
    settings = toml(ROOT / "pyproject.toml")["tool"]["importlinter"]
    packages = {package_of(plugin) for plugin in PLUGINS}
    _, core, plugins = settings["contracts"]

    assert set(settings["root_packages"]) == {"quorate"} | packages
    assert packages <= set(core["forbidden_modules"])
    assert set(plugins["modules"]) == packages
