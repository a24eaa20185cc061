"""Plugins are disabled before they are imported, by either of their names; strict mode makes warnings errors."""

from __future__ import annotations

import pytest

MARKING = """
import os
with open(os.path.join(os.path.expanduser("~"), "imported"), "a") as file:
    file.write(__name__ + " ")
from quorate import ModelClientRecord, hookimpl

@hookimpl
def quorate_model_clients():
    yield ModelClientRecord(name=__name__.removeprefix("quorate_").replace("_", "-"), factory="a:b")
"""

ASK = """
import json
from quorate import Kernel
kernel = Kernel({arguments})
print(json.dumps({{info.name: info.status for info in kernel.plugins() if info.origin == "entry point"}}))
"""


@pytest.fixture
def two(env):
    """An environment with two plugins whose import leaves a mark."""
    env.add("quorate-first", MARKING)
    points = "[quorate]\nsecond-client = quorate_second_client\n"
    env.add("Quorate_Second.Client", MARKING, module="quorate_second_client", entry_points=points)
    return env


def imported(env):
    mark = env.home / "imported"
    return mark.read_text().split() if mark.exists() else []


def test_nothing_is_disabled_by_default(two):
    assert two.run(ASK.format(arguments="")) == {"first": "active", "second-client": "active"}
    assert imported(two) == ["quorate_first", "quorate_second_client"]


@pytest.mark.parametrize(
    "name",
    ["second-client", "Quorate_Second.Client", "quorate-second-client", "second_client", " QUORATE--second.CLIENT "],
)
def test_a_plugin_is_disabled_by_either_name_before_its_import(two, name):
    told = two.run(ASK.format(arguments=""), QUORATE_DISABLE_PLUGINS=f"other,{name},")
    assert told == {"first": "active", "second-client": "disabled"}
    assert imported(two) == ["quorate_first"]


def test_a_kernel_disables_plugins_too_beside_the_environment(two):
    told = two.run(ASK.format(arguments="disabled=['quorate-first']"), QUORATE_DISABLE_PLUGINS="second-client")
    assert told == {"first": "disabled", "second-client": "disabled"}
    assert imported(two) == []


def test_all_disables_every_installed_plugin(two):
    assert two.run(ASK.format(arguments=""), QUORATE_DISABLE_PLUGINS="all") == {
        "first": "disabled",
        "second-client": "disabled",
    }
    assert imported(two) == []


def test_without_autoload_nothing_is_looked_for(two):
    code = ASK.format(arguments="autoload=False").replace(
        "print", "import sys\nassert 'importlib_metadata' not in sys.modules\nprint"
    )
    assert two.run(code) == {}
    assert imported(two) == []


def test_the_built_in_plugins_stay(two):
    names = two.run(
        "import json; from quorate import Kernel; print(json.dumps(Kernel().names('code executor')))",
        QUORATE_DISABLE_PLUGINS="all,quorate-coding",
    )
    assert names == ["local"]


def test_an_error_about_a_name_says_what_is_disabled(two):
    text = two.run(
        "import json; from quorate import Kernel, UnknownName\n"
        "try:\n    Kernel().record('model client', 'first')\nexcept UnknownName as error:\n    print(json.dumps(str(error)))",
        QUORATE_DISABLE_PLUGINS="first",
    )
    assert text == (
        "no model client is named 'first'; installed: second-client; "
        "left out: first (quorate-first 1.0) is disabled; see: quorate plugins"
    )


STRICT = """
import json, warnings
warnings.simplefilter("error")
from quorate import InvalidPlugin, Kernel
kernel, told = Kernel(), []
for attempt in (kernel.plugins, lambda: kernel.names("model client")):
    try:
        attempt()
    except InvalidPlugin as error:
        told.append(str(error))
print(json.dumps(told))
"""


def test_strict_mode_raises_at_every_use_and_names_all(two):
    two.add("quorate-broken", "1 / 0", version="0.1")
    two.add("quorate-gone", "import no_such_library", version="0.2")
    told = two.run(STRICT, QUORATE_STRICT_PLUGINS="1")
    assert (
        told
        == [
            (
                "QUORATE_STRICT_PLUGINS is set, and plugins are broken: "
                "quorate plugin 'broken' (quorate-broken 0.1) was skipped: ZeroDivisionError: division by zero; "
                "quorate plugin 'gone' (quorate-gone 0.2) was skipped: ModuleNotFoundError: No module named 'no_such_library'"
            )
        ]
        * 2
    )


@pytest.mark.parametrize(
    "env_vars", [{"QUORATE_STRICT_PLUGINS": "1"}, {"QUORATE_STRICT_PLUGINS": "1", "QUORATE_DISABLE_PLUGINS": "broken"}]
)
def test_strict_mode_minds_only_broken_plugins(two, env_vars):
    if "QUORATE_DISABLE_PLUGINS" in env_vars:
        two.add("quorate-broken", "1 / 0")
    assert two.run(STRICT, **env_vars) == []


@pytest.mark.parametrize("value", ["", "0"])
def test_strict_mode_is_off_when_it_says_so(two, value):
    two.add("quorate-broken", "1 / 0")
    assert [kind for kind, _ in two.show(QUORATE_STRICT_PLUGINS=value)["warnings"]] == ["PluginWarning"]
