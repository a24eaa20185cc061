"""`quorate plugins`: every plugin in each of its states, for people and as JSON."""

from __future__ import annotations

import json
import os
import pty
import subprocess

import pytest

PLUGIN = """
from quorate import CodeExecutorRecord, ModelClientRecord, hookimpl

@hookimpl
def quorate_model_clients():
    yield ModelClientRecord(name="answers", factory="a:b", aliases=("replies",), summary="Answers questions")

@hookimpl
def quorate_code_executors():
    yield CodeExecutorRecord(name="runs", factory="a:b")
"""

KEYS = ["name", "distribution", "version", "origin", "status", "error", "load_ms", "offers"]


@pytest.fixture(scope="module")
def states(new_environment):
    """An environment with an active, a broken and a disabled plugin, and one that clashes with the first."""
    env = new_environment("states")
    env.add("quorate-active", PLUGIN, version="1.2")
    env.add("quorate-broken", "import no_such_library", version="0.9")
    env.add("quorate-disabled", PLUGIN, version="2.0")
    env.add("quorate-rival", PLUGIN, version="3.0")
    return env


@pytest.fixture
def shown(states):
    done = states.quorate("plugins", "--json", QUORATE_DISABLE_PLUGINS="disabled")
    assert (done.returncode, done.stderr) == (0, "")
    return {each["name"]: each for each in json.loads(done.stdout)}


def test_json_has_every_plugin_in_one_shape(shown):
    assert list(shown) == [
        *("quorate-agents", "quorate-coding", "quorate-config"),
        *("active", "broken", "disabled", "rival"),
    ]
    for each in shown.values():
        assert list(each) == KEYS
        assert isinstance(each["load_ms"], float)
        for offered in each["offers"]:
            assert list(offered) == ["kind", "name", "aliases", "summary"]


def test_json_of_an_active_plugin(shown):
    plugin = shown["active"]
    assert plugin.pop("load_ms") > 0
    plugin["offers"].sort(key=lambda offered: offered["name"])  # hooks are asked in no promised order
    assert plugin == {
        "name": "active",
        "distribution": "quorate-active",
        "version": "1.2",
        "origin": "entry point",
        "status": "active",
        "error": None,
        "offers": [
            {"kind": "model client", "name": "answers", "aliases": ["replies"], "summary": "Answers questions"},
            {"kind": "code executor", "name": "runs", "aliases": [], "summary": ""},
        ],
    }


def test_json_of_a_broken_plugin(shown):
    plugin = shown["broken"]
    assert (plugin["status"], plugin["version"], plugin["offers"]) == ("broken", "0.9", [])
    assert plugin["error"] == "ModuleNotFoundError: No module named 'no_such_library'"


def test_json_of_a_disabled_plugin(shown):
    plugin = shown["disabled"]
    assert (plugin["status"], plugin["version"], plugin["error"]) == ("disabled", "2.0", None)
    assert (plugin["offers"], plugin["load_ms"]) == ([], 0.0)


def test_json_of_a_built_in_plugin(shown):
    plugin = shown["quorate-coding"]
    assert (plugin["origin"], plugin["distribution"], plugin["version"]) == ("built-in", None, None)
    assert [offered["name"] for offered in plugin["offers"]] == ["local"]


def test_plugins_that_clash_are_shown_side_by_side(shown):
    assert shown["active"]["status"] == shown["rival"]["status"] == "active"
    assert shown["active"]["offers"] == shown["rival"]["offers"]


def test_for_people(states):
    done = states.quorate("plugins", QUORATE_DISABLE_PLUGINS="quorate-disabled")
    assert (done.returncode, done.stderr) == (0, "")  # the broken one is shown, not warned of
    lines = done.stdout.splitlines()
    starts = [line for line in lines if not line.startswith(" ")]
    assert starts[-1].startswith("rival  quorate-rival 3.0  ")
    assert starts[-1].endswith(" ms")
    assert "disabled  quorate-disabled 2.0  disabled" in lines
    at = lines.index("broken  quorate-broken 0.9  broken")
    assert lines[at + 1] == "  ModuleNotFoundError: No module named 'no_such_library'"
    assert "  model client    answers                 Answers questions" in lines
    assert "  code executor   runs" in lines
    assert "\x1b" not in done.stdout


def test_all_disabled_is_still_shown(states):
    done = states.quorate("plugins", "--json", QUORATE_DISABLE_PLUGINS="all")
    states_of = {each["name"]: each["status"] for each in json.loads(done.stdout) if each["origin"] == "entry point"}
    assert states_of == dict.fromkeys(["active", "broken", "disabled", "rival"], "disabled")


@pytest.mark.parametrize("arguments", [["plugins"], ["plugins", "--json"]])
def test_strict_mode_is_an_error(states, arguments):
    done = states.quorate(*arguments, QUORATE_STRICT_PLUGINS="1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: QUORATE_STRICT_PLUGINS is set, and plugins are broken: quorate plugin 'broken' (quorate-broken 0.9) "
        "was skipped: ModuleNotFoundError: No module named 'no_such_library'\n"
    )


def test_strict_mode_with_working_plugins(states):
    done = states.quorate("plugins", QUORATE_STRICT_PLUGINS="1", QUORATE_DISABLE_PLUGINS="broken")
    assert done.returncode == 0


def on_a_terminal(env, *arguments, **variables):
    """Run the command with a pseudo-terminal for its output; give what it wrote there."""
    ours, theirs = pty.openpty()
    kept = {"PATH": os.environ["PATH"], "HOME": str(env.home), "TERM": "xterm", **variables}
    subprocess.run([env.python, "-m", "quorate", *arguments], env=kept, cwd=env.home, stdout=theirs, check=True)
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 65536):
            written += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return written.decode()


def test_a_terminal_gets_colours_unless_it_says_no(states):
    coloured, plain = on_a_terminal(states, "plugins"), on_a_terminal(states, "plugins", NO_COLOR="1")
    assert "\x1b[31mbroken\x1b[0m" in coloured
    assert "broken  quorate-broken 0.9  broken" in plain
    assert "\x1b" not in plain
    assert "\x1b" in on_a_terminal(states, "plugins", NO_COLOR="")
