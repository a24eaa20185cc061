"""Installed plugins: good ones are found, a broken one is skipped with one warning and breaks nobody else."""

from __future__ import annotations

import re
import time

import pytest

GOOD = """
from quorate import CodeExecutorRecord, ModelClientRecord, hookimpl

@hookimpl
def quorate_model_clients():
    yield ModelClientRecord(name="good", factory="good._client:Client", aliases=("fine",), summary="Answers")

@hookimpl
def quorate_code_executors():
    yield CodeExecutorRecord(name="good", factory="good._client:Executor")
"""

HOOK = "from quorate import ModelClientRecord, hookimpl\n@hookimpl\ndef quorate_model_clients():\n    "

BROKEN = {
    "syntax": ("def (:", r"SyntaxError: .*__init__.py, line 1"),
    "importing": ("from quorate import no_such_thing", "ImportError: cannot import name 'no_such_thing'"),
    "dependency": ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
    "exits": ("raise SystemExit(3)", "SystemExit: 3"),
    "panics": ("class Panic(BaseException): pass\nraise Panic('in native code')", "Panic: in native code"),
    "unshown": (
        "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
        r"Odd: \(it cannot be shown\)",
    ),
    "unknown": (
        GOOD.replace("quorate_code_executors", "quorate_time_machines"),
        (
            "unknown hook 'quorate_time_machines'; this quorate knows quorate_code_executors, quorate_config_loaders, "
            "quorate_model_clients, quorate_price_sources, quorate_reply_functions"
        ),
    ),
    "unmarked": (GOOD.replace("@hookimpl", ""), "quorate_model_clients is not marked: write @quorate.hookimpl above"),
    "hookless": ("", "it implements no hook; quorate's are quorate_code_executors, .*@quorate.hookimpl"),
    "wrapping": (
        "from quorate import hookimpl\n@hookimpl(wrapper=True)\ndef quorate_model_clients():\n    return (yield)",
        "quorate_model_clients is a hook wrapper",
    ),
    "awaiting": (
        "from quorate import hookimpl\n@hookimpl\nasync def quorate_model_clients():\n    return []",
        "quorate_model_clients is async",
    ),
    "streaming": (
        "from quorate import hookimpl\n@hookimpl\nasync def quorate_model_clients():\n    yield 1",
        "quorate_model_clients is async",
    ),
    "arguments": (
        "from quorate import hookimpl\n@hookimpl\ndef quorate_model_clients(kernel):\n    return []",
        "PluginValidationError: .*quorate_model_clients.*kernel",
    ),
    "wrong-type": (
        GOOD.replace("ModelClientRecord(", "CodeExecutorRecord("),
        "quorate_model_clients yielded CodeExecutorRecord; it must yield ModelClientRecord",
    ),
    "wrong-thing": (HOOK + "yield 'openai'", "quorate_model_clients yielded str; it must yield ModelClientRecord"),
    "wrong-name": (HOOK + "yield ModelClientRecord(name='Open AI', factory='a:b')", "'Open AI' cannot name a record"),
    "no-factory": (
        HOOK + "yield ModelClientRecord(name='a', factory='a.b')",
        "the factory of 'a' is 'a.b'; write 'module:attribute'",
    ),
    "no-list": (
        HOOK + "return ModelClientRecord(name='a', factory='a:b')",
        "quorate_model_clients gave ModelClientRecord; it must yield records",
    ),
    "raising": (HOOK + "1 / 0", "ZeroDivisionError: division by zero"),
    "half-way": (
        HOOK + "yield ModelClientRecord(name='half', factory='a:b')\n    1 / 0",
        "ZeroDivisionError: division by zero",
    ),
    "Bad_Name": (GOOD, "'Bad_Name' cannot name a plugin: lower-case letters and digits"),
}
"""Plugins by entry-point name: their code, and what is said of them."""


@pytest.fixture(scope="module")
def zoo(new_environment):
    """One environment with a good plugin among all the broken ones; gives what its kernel tells."""
    env = new_environment("zoo")
    env.add("quorate-good", GOOD, version="2.1")
    for number, (name, (code, _)) in enumerate(BROKEN.items()):
        module = f"quorate_{name.lower().replace('-', '_')}"
        points = f"[quorate]\n{name} = {module}\n"
        env.add(module.replace("_", "-"), code, version=f"0.{number}", entry_points=points)
    env.add("nowhere", entry_points="[quorate]\nnowhere = no.such.module\n")
    env.add("no-attribute", entry_points="[quorate]\nno-attribute = no_attribute:gone\n")
    env.add("no-reference", entry_points="[quorate]\nno-reference = not a module!\n")
    env.add("no-object", "nothing = None", entry_points="[quorate]\nno-object = no_object:nothing\n")
    return env.show()


def test_a_good_plugin_works_among_broken_ones(zoo):
    good = zoo["plugins"]["good"]
    assert (good["status"], good["origin"], good["error"]) == ("active", "entry point", None)
    assert (good["distribution"], good["version"]) == ("quorate-good", "2.1")
    assert good["offers"] == ["good", "good"]
    assert good["load_ms"] > 0


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_skipped_with_one_warning(zoo, name):
    found = zoo["plugins"][name]
    assert (found["status"], found["offers"]) == ("broken", [])
    number = list(BROKEN).index(name)
    dist = f"quorate-{name.lower().replace('_', '-')}"
    said = [text for _, text in zoo["warnings"] if repr(name) in text.partition(" was skipped")[0]]
    assert len(said) == 1
    assert said[0].startswith(f"quorate plugin {name!r} ({dist} 0.{number}) was skipped: ")
    assert said[0].endswith(found["error"])
    assert "\n" not in said[0]
    assert re.search(BROKEN[name][1], found["error"])


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("nowhere", "ModuleNotFoundError: No module named 'no'"),
        ("no-attribute", "AttributeError: module 'no_attribute' has no attribute 'gone'"),
        ("no-reference", "write 'module' or 'module:attribute'"),
        ("no-object", "it implements no hook"),
    ],
)
def test_an_entry_point_that_leads_nowhere(zoo, name, cause):
    assert zoo["plugins"][name]["status"] == "broken"
    assert cause in zoo["plugins"][name]["error"]


def test_nothing_but_these_warnings_is_given(zoo):
    assert {kind for kind, _ in zoo["warnings"]} == {"PluginWarning"}
    assert len(zoo["warnings"]) == len(BROKEN) + 4


def test_finding_plugins_is_light(env):
    env.add("quorate-good", GOOD)
    loaded = env.run(
        "import json, sys; from quorate import Kernel; kernel = Kernel(); kernel.record('model client', 'good')\n"
        "print(json.dumps([name for name in ('pydantic', 'anyio', 'good._client') if name in sys.modules]))"
    )
    assert loaded == []


def test_an_optional_hook_may_be_unknown(env):
    env.add(
        "quorate-ahead",
        GOOD + "@hookimpl(optionalhook=True)\ndef quorate_time_machines():\n    raise Exception('not to be called')",
    )
    shown = env.show()
    assert shown["plugins"]["ahead"]["status"] == "active"
    assert shown["warnings"] == []


def test_a_plugin_may_be_a_class_instance(env):
    hook = (
        "@hookimpl\n    def quorate_model_clients(self):\n        return [ModelClientRecord(name='it', factory=dict)]"
    )
    code = f"from quorate import ModelClientRecord, hookimpl\nclass Plugin:\n    {hook}\nplugin = Plugin()"
    env.add("quorate-object", code, entry_points="[quorate]\nobject = quorate_object:plugin\n")
    assert env.show()["plugins"]["object"]["offers"] == ["it"]


def test_pip_installs_plugins(env):
    env.pip_install(good=GOOD, raising=BROKEN["raising"][0])
    shown = env.show()
    good = shown["plugins"]["good"]
    assert (good["status"], good["distribution"], good["version"]) == ("active", "quorate-good", "1.0")
    assert [text for _, text in shown["warnings"]] == [
        "quorate plugin 'raising' (quorate-raising 1.0) was skipped: ZeroDivisionError: division by zero"
    ]


def test_two_plugins_of_one_name(env):
    env.add("quorate-one", GOOD, entry_points="[quorate]\nsame = quorate_one\n")
    env.add("quorate-two", GOOD, entry_points="[quorate]\nsame = quorate_two\n")
    shown = env.show()
    assert shown["found"] == ["same", "same"]
    assert [text for _, text in shown["warnings"]] == [
        (
            "quorate plugin 'same' (quorate-two 1.0) was skipped: "
            "the plugin name 'same' is already taken by same (quorate-one 1.0)"
        )
    ]


def test_one_module_under_two_names_counts_once(env):
    env.add("quorate-twice", GOOD, entry_points="[quorate]\na = quorate_twice\nb = quorate_twice\n")
    shown = env.show()
    assert shown["plugins"]["a"]["status"] == "active"
    assert "already registered as 'a'" in shown["plugins"]["b"]["error"]


def test_a_plugin_that_is_on_the_path_twice_is_found_once(env, tmp_path):
    env.add("quorate-good", GOOD, version="1.0")
    env.add("quorate-good", GOOD, version="2.0", to=tmp_path / "earlier")
    shown = env.show(PYTHONPATH=str(tmp_path / "earlier"))
    assert shown["found"] == ["good"]
    assert shown["plugins"]["good"]["version"] == "2.0"  # the one that Python imports
    assert shown["warnings"] == []


@pytest.mark.parametrize(
    ("metadata", "distribution", "version"),
    [
        ("Metadata-Version: 2.1\nName: quorate-good\n", "quorate-good", "unknown"),
        ("Metadata-Version: 2.1\nVersion: 1.0\n", "unknown", "1.0"),
        ("", "unknown", "unknown"),
        (False, "unknown", "unknown"),
    ],
    ids=["no version", "no name", "empty", "no file"],
)
def test_a_distribution_with_poor_metadata_still_works(env, metadata, distribution, version):
    env.add("quorate-good", GOOD, metadata=metadata or "")
    if metadata is False:
        next(env.site.glob("quorate_good-*.dist-info/METADATA")).unlink()
    env.add("quorate-other", GOOD.replace("good", "other"))
    good, other = env.show()["plugins"]["good"], env.show()["plugins"]["other"]
    assert (good["status"], good["distribution"], good["version"]) == ("active", distribution, version)
    assert (other["distribution"], other["version"]) == ("quorate-other", "1.0")


@pytest.mark.parametrize(
    "content", [b"[quorate]\nno equals sign\n", b"[quorate]\n\xff = \xfe\n"], ids=["line", "bytes"]
)
def test_unreadable_entry_points_break_only_their_own_plugin(env, content):
    env.add("quorate-good", GOOD, version="1.0")
    env.add("Quorate.Unreadable", version="0.9")
    next(env.site.glob("Quorate.Unreadable-*.dist-info/entry_points.txt")).write_bytes(content)
    shown = env.show()
    assert shown["plugins"]["good"]["status"] == "active"
    [(kind, text)] = shown["warnings"]
    assert kind == "PluginWarning"
    assert text.startswith(
        "quorate plugin 'quorate-unreadable' (Quorate.Unreadable 0.9) was skipped: its entry_points.txt cannot be read"
    )


def test_unreadable_entry_points_of_a_stranger_are_no_business_of_ours(env, tmp_path):
    env.add("quorate-good", GOOD, to=tmp_path / "earlier", version="2.0")
    env.add("quorate-good", GOOD, entry_points="[quorate]\nold = quorate_good\n")
    env.add("stranger", entry_points="[console_scripts]\nno equals sign\n")
    shown = env.show(PYTHONPATH=str(tmp_path / "earlier"))
    assert shown["found"] == ["good"]  # and still not what an earlier distribution of that name hides
    assert shown["plugins"]["good"]["version"] == "2.0"
    assert shown["warnings"] == []


def test_a_slow_import_shows_in_the_load_time(env):
    env.add("quorate-slow", "import time\ntime.sleep(0.2)\n" + GOOD)
    shown = env.show()
    assert shown["plugins"]["slow"]["load_ms"] >= 200


def test_two_hundred_plugins(env, record_property):
    for number in range(200):
        env.add(f"quorate-p{number}", GOOD.replace("good", f"p{number}"))
    started = time.perf_counter()
    shown = env.show()
    spent = time.perf_counter() - started
    assert shown["warnings"] == []
    assert sorted(shown["found"]) == sorted(f"p{number}" for number in range(200))
    assert all(shown["plugins"][name]["offers"] == [name, name] for name in shown["found"])
    loading = sum(plugin["load_ms"] for plugin in shown["plugins"].values()) / 200
    record_property("ms_per_plugin", loading)
    print(f"200 plugins: {spent:.2f} s for the whole program; {loading:.3f} ms each to import and ask")


def test_a_plugin_that_asks_for_plugins_while_it_is_imported(env):
    code = "from quorate import Kernel, default_kernel\ndefault_kernel().plugins()\n" + GOOD
    env.add("quorate-asking", code)
    env.add("quorate-good", GOOD.replace("good", "other"))
    told = env.run(
        "import json; from quorate import default_kernel; kernel = default_kernel()\n"
        "print(json.dumps([(each.name, each.status) for each in kernel.plugins() if each.distribution]))"
    )
    assert told == [["asking", "active"], ["good", "active"]]


def test_ctrl_c_while_plugins_are_imported_does_not_leave_half_of_them(env):
    env.add("quorate-a", GOOD)
    env.add(
        "quorate-b",
        "import builtins\nif not hasattr(builtins, 'pressed'):\n    builtins.pressed = 1\n"
        "    raise KeyboardInterrupt\n" + GOOD,
    )
    told = env.run(
        "import json; from quorate import Kernel; kernel = Kernel()\n"
        "try:\n    kernel.plugins()\nexcept KeyboardInterrupt:\n    pass\n"
        "print(json.dumps([(each.name, each.status) for each in kernel.plugins() if each.distribution]))"
    )
    assert told == [["a", "active"], ["b", "active"]]


def test_warnings_turned_to_errors_name_the_plugin_once(env):
    env.add("quorate-good", GOOD)
    env.add("quorate-raising", BROKEN["raising"][0])
    told = env.run(
        "import json, warnings; warnings.simplefilter('error'); from quorate import Kernel; kernel = Kernel()\n"
        "try:\n    kernel.plugins()\nexcept Warning as warning:\n    text = str(warning)\n"
        "print(json.dumps([text, len(kernel.plugins()), kernel.names('model client')]))"
    )
    assert "raising" in told[0]
    assert told[2] == ["good"]
