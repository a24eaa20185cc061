"""The table of AutoGen 0.2's public surface says what the code bears out."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def surface() -> ModuleType:
    spec = importlib.util.spec_from_file_location("autogen_surface", ROOT / "docs" / "autogen_surface.py")
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_name_is_as_the_table_says(surface: Any) -> None:
    faults = [*filter(None, map(surface.fault, surface.surface()))]
    assert not faults, "\n".join(faults)


def test_every_difference_is_of_a_name(surface: Any) -> None:
    assert not surface.unused_differences()


def test_the_page_is_what_the_code_gives(surface: Any) -> None:
    written = surface.PAGE.read_text(encoding="utf-8")
    assert written == surface.page(), "write it anew: python docs/autogen_surface.py"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": "AssistantAgent.nothing", "shape": "()"}, "is not there"),
        ({"name": "AssistantAgent.nothing", "shape": "value"}, "is not there"),
        ({"name": "OpenAIWrapper.nothing", "shape": "value"}, "is not there"),
        ({"module": "autogen.nothing"}, "is not there"),
        ({"status": "not here"}, "and is there"),
        ({"shape": "(config_list, filter_dict, nothing=)"}, "takes config_list, filter_dict, exclude"),
        ({"shape": "(filter_dict, config_list)"}, "in this order"),
        ({"shape": "(*, config_list=)"}, "config_list has no default"),
        ({"name": "DEFAULT_MODEL", "shape": "class"}, "is no class"),
    ],
)
def test_a_fault_is_seen(surface: Any, changes: dict[str, str], fault: str) -> None:
    row = surface.Name("autogen", "filter_config", "(config_list, filter_dict, exclude=)", "same")
    assert surface.fault(row) is None
    assert fault in surface.fault(replace(row, **changes))
