"""``quorate config explain``: what it shows, where from, and that it never shows a key."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner

from quorate import kernel as kernels
from quorate.cli import quorate
from quorate.hookspecs import hookimpl
from quorate.kernel import Kernel
from quorate.records import ModelClientRecord

KEY = "sk-very-secret-0123456789"


class Example:
    @hookimpl
    def quorate_model_clients(self):
        yield ModelClientRecord(
            name="example",
            factory="nowhere:Client",
            default=True,
            model="example-1",
            base_url="https://api.example.com/v1",
            base_url_env=("EXAMPLE_BASE_URL",),
            api_key_env=("EXAMPLE_API_KEY",),
        )
        yield ModelClientRecord(
            name="other",
            factory="nowhere:Client",
            model_required=False,
            base_url_env=("OTHER_URL",),
            base_url_keys=("other_endpoint",),
            api_key_env=("OTHER_KEY",),
        )


@pytest.fixture(autouse=True)
def _a_kernel_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "OAI_", "EXAMPLE_", "OTHER_", "QUORATE_", "NO_COLOR")):
            monkeypatch.delenv(name)
    kernel = Kernel(autoload=False)
    kernel.register(Example(), "example-plugin")
    monkeypatch.setattr(kernels, "_default", [kernel])


@pytest.fixture
def listed(tmp_path):
    entries = [
        {"model": "a", "api_key": KEY, "timeout": 30, "price": [1, 2], "temperature": 0.5, "note": KEY},
        {"model": "b", "base_url": f"https://elsewhere.test/v1?key={KEY}", "tags": ["cheap"]},
        {"model": "c", "client": "nobody", "default_headers": {"Authorization": KEY}},
        {"model_client_cls": "Mine", "max_retries": 2},
        {"api_key": KEY},
    ]
    (tmp_path / "OAI_CONFIG_LIST").write_text(json.dumps(entries))


def run(*arguments, code=0):
    result = CliRunner().invoke(quorate, ["config", "explain", *arguments])
    assert result.exit_code == code, result.output
    assert KEY not in result.output
    return result


def test_every_value_and_its_source(listed, monkeypatch):
    monkeypatch.setenv("EXAMPLE_API_KEY", KEY)
    data = json.loads(run("OAI_CONFIG_LIST", "--json").stdout)
    assert data["source"] == "OAI_CONFIG_LIST"
    a, b, c, mine, nameless = data["entries"]
    here = "file OAI_CONFIG_LIST"
    assert a["place"] == "OAI_CONFIG_LIST[0]"
    assert a["label"] == "example, a"
    assert (a["kept"], a["dropped"], a["problem"]) == (True, None, None)
    assert a["values"] == {
        "client": {"value": "example", "source": "default"},
        "plugin": {"value": "example-plugin", "source": "offers this client"},
        "model": {"value": "a", "source": here},
        "base_url": {"value": "https://api.example.com/v1", "source": "default of example"},
        "api_key": {"value": "**********", "source": here},
        "timeout": {"value": 30.0, "source": here},
        "max_retries": {"value": None, "source": "default"},
        "price": {"value": [1.0, 2.0], "source": here},
    }
    assert a["params"] == {
        "temperature": {"value": 0.5, "source": here},
        "note": {"value": "<str>", "source": here},
    }
    assert b["values"]["base_url"]["value"] == "https://elsewhere.test/v1?..."
    assert b["values"]["api_key"] == {
        "value": None,
        "source": "none: EXAMPLE_API_KEY goes to https://api.example.com only; "
        "give api_key in the entry that names https://elsewhere.test/v1?...",
    }
    assert "no model client is named 'nobody'" in c["problem"]
    assert mine["values"]["model_client_cls"]["value"] == "Mine"
    assert (mine["problem"], mine["values"]["max_retries"]["value"]) == (None, 2)
    assert nameless["problem"].startswith("names no model, and example needs one")
    assert nameless["values"]["model"] == {"value": None, "source": "none named"}


def test_what_the_client_itself_knows_of_model_and_endpoint(tmp_path, monkeypatch):
    monkeypatch.setenv("OTHER_KEY", KEY)
    monkeypatch.setenv("OTHER_URL", "https://other.test/v1")
    entries = [
        {"client": "other"},
        {"client": "other", "other_endpoint": f"https://elsewhere.test/v1?key={KEY}"},
        {"client": "other", "other_endpoint": "https://other.test:443/v2", "seed": 1},
        {"client": "other", "other_endpoint": "https://a.test", "base_url": "https://b.test"},
    ]
    (tmp_path / "L").write_text(json.dumps(entries))
    home, elsewhere, same, two = json.loads(run("L", "--json").stdout)["entries"]
    assert (home["label"], home["problem"]) == ("other", None)
    assert home["values"]["model"] == {"value": None, "source": "none named: other finds out by itself"}
    assert home["values"]["api_key"]["source"] == "environment variable OTHER_KEY"
    shown = {"value": "https://elsewhere.test/v1?...", "source": "file L, as other_endpoint"}
    assert (elsewhere["values"]["base_url"], elsewhere["params"]) == (shown, {})
    assert elsewhere["values"]["api_key"]["value"] is None
    assert "goes to https://other.test only" in elsewhere["values"]["api_key"]["source"]
    assert same["values"]["api_key"]["source"] == "environment variable OTHER_KEY"
    assert list(same["params"]) == ["seed"]
    assert two["problem"] == "other_endpoint: says something else than base_url, which means the same; leave one out"


def test_why_an_entry_is_dropped(listed):
    data = json.loads(run("OAI_CONFIG_LIST", "--json", "--filter", "model=a", "--filter", "model=b").stdout)
    assert [each["kept"] for each in data["entries"]] == [True, True, False, False, False]
    assert data["entries"][2]["dropped"] == "model is 'c', and the filter wants 'a' or 'b'"
    assert data["filter"] == {"model": ["a", "b"]}
    text = run("OAI_CONFIG_LIST", "--filter", "tags=cheap").stdout
    assert "DROPPED: tags is missing, and the filter wants 'cheap'" in text
    missing = json.loads(run("OAI_CONFIG_LIST", "--json", "--filter", "model=").stdout)
    assert [each["kept"] for each in missing["entries"]] == [False, False, False, True, True]
    numbers = json.loads(run("OAI_CONFIG_LIST", "--json", "--filter", "timeout=30").stdout)
    assert [each["kept"] for each in numbers["entries"]] == [True, False, False, False, False]


def test_people_can_read_it(listed, monkeypatch):
    monkeypatch.setenv("EXAMPLE_API_KEY", KEY)
    lines = run("OAI_CONFIG_LIST").stdout.splitlines()
    assert lines[0] == "OAI_CONFIG_LIST[0]: example, a"
    assert [line.split() for line in lines[1:7]] == [
        ["client", "example", "default"],
        ["plugin", "example-plugin", "offers", "this", "client"],
        ["model", "a", "file", "OAI_CONFIG_LIST"],
        ["endpoint", "https://api.example.com/v1", "default", "of", "example"],
        ["key", "**********", "file", "OAI_CONFIG_LIST"],
        ["timeout", "30.0", "file", "OAI_CONFIG_LIST"],
    ]
    assert "1 in, 2 out (USD per 1000 tokens)" in lines[8]
    assert len({line.index("file OAI") for line in lines[1:10] if "file OAI" in line}) == 1
    assert "\x1b" not in "".join(lines)


def test_without_a_source_it_is_what_chat_would_use(monkeypatch):
    tiny = json.loads(run("--json").stdout)
    assert [each["label"] for each in tiny["entries"]] == ["tiny, tiny"]
    monkeypatch.setenv("EXAMPLE_API_KEY", KEY)
    [entry] = json.loads(run("--json").stdout)["entries"]
    assert entry["label"] == "example, example-1"
    assert entry["values"]["api_key"] == {"value": "**********", "source": "environment variable EXAMPLE_API_KEY"}
    assert entry["values"]["model"]["source"] == "default of example"
    monkeypatch.setenv("OAI_CONFIG_LIST", '[{"model": "z"}]')
    assert json.loads(run("--json").stdout)["entries"][0]["place"] == "OAI_CONFIG_LIST[0]"


def test_warnings_are_told(tmp_path):
    (tmp_path / "L").write_text('[{"model": "m", "api_base": "https://a.test"}]')
    assert json.loads(run("L", "--json").stdout)["warnings"] == [
        "L[0].api_base: write base_url, its name since openai 1.0"
    ]
    assert "warning: L[0].api_base: write base_url" in run("L").output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing.json"], "Error: nothing.json: no such file"),
        (["EMPTY"], "Error: EMPTY: the list is empty"),
        (["OAI_CONFIG_LIST", "--filter", "modle=a"], "Error: filter_dict.modle: no entry has this key"),
        (["OAI_CONFIG_LIST", "--filter", "model"], "Error: --filter model: write KEY=VALUE"),
        (["x.env"], "pip install quorate-dotenv-config"),
    ],
)
def test_errors_are_one_line(listed, tmp_path, arguments, says):
    (tmp_path / "EMPTY").write_text("[]")
    assert says in run(*arguments, code=1).output
