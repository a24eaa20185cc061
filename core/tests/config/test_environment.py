"""The environment loader: key files and variables."""

from __future__ import annotations

import os

import pytest

from quorate.config.environment import load_environment
from quorate.errors import ConfigError, ConfigWarning

VARIABLES = [
    f"{service}{name}"
    for service in ("OPENAI_", "AZURE_OPENAI_")
    for name in ("API_KEY", "API_BASE", "API_VERSION", "BASE_URL", "ENDPOINT")
]


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def clear(entries):
    return [
        {**each, "api_key": each["api_key"].get_secret_value()} if "api_key" in each else dict(each) for each in entries
    ]


def test_keys_and_endpoints_of_both_services(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k1")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "a1\na2\n")
    monkeypatch.setenv("AZURE_OPENAI_API_BASE", "https://one.example\nhttps://two.example")
    entries = load_environment()
    azure = {"api_type": "azure", "api_version": "2024-02-01"}
    assert clear(entries) == [
        {"api_key": "k1"},
        {"api_key": "a1", "base_url": "https://one.example", **azure},
        {"api_key": "a2", "base_url": "https://two.example", **azure},
    ]
    assert entries[2].place == "AZURE_OPENAI_API_KEY[1]"
    assert entries[2].sources == {
        "api_key": "environment variable AZURE_OPENAI_API_KEY",
        "base_url": "environment variable AZURE_OPENAI_API_BASE",
        "api_type": "environment variable AZURE_OPENAI_API_KEY",
        "api_version": "default",
    }
    assert clear(load_environment(exclude="aoai")) == [{"api_key": "k1"}]
    assert len(load_environment(exclude="openai")) == 2


def test_models_are_the_outer_loop(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k1\n\nk2")
    entries = load_environment(model_list=["a", "b"])
    assert [(each["model"], each["api_key"].get_secret_value()) for each in entries] == [
        ("a", "k1"),
        ("a", "k2"),
        ("b", "k1"),
        ("b", "k2"),
    ]
    assert entries[0].sources["model"] == "model_list"


def test_a_file_beats_the_environment_and_writes_nothing_into_it(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "from-env")
    (tmp_path / "key_openai.txt").write_text("from-file\n")
    (tmp_path / "key_aoai.txt").write_text("azure-file\n")
    before = dict(os.environ)
    entries = load_environment(key_file_path=".")
    assert [each["api_key"].get_secret_value() for each in entries] == ["from-file", "azure-file"]
    assert entries[0].sources["api_key"] == "file key_openai.txt"
    assert dict(os.environ) == before
    assert [each["api_key"].get_secret_value() for each in load_environment(key_file_path=None)] == ["from-env"]
    named = load_environment(tmp_path, openai_api_key_file=None, aoai_api_key_file=None)
    assert [each["api_key"].get_secret_value() for each in named] == ["from-env"]


def test_a_stray_endpoint_file_gets_no_key_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "from-env")
    (tmp_path / "base_openai.txt").write_text("https://stray.example/v1")
    with pytest.warns(ConfigWarning, match=r"OPENAI_API_KEY is not paired with the endpoints in base_openai\.txt"):
        entries = load_environment(key_file_path=".")
    assert entries == [{"base_url": "https://stray.example/v1"}]
    (tmp_path / "key_openai.txt").write_text("from-file")
    assert clear(load_environment(".")) == [{"api_key": "from-file", "base_url": "https://stray.example/v1"}]


def test_a_blank_key_keeps_its_endpoints_place(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k1\n \nk3")
    monkeypatch.setenv("OPENAI_API_BASE", "https://one.example\nhttps://two.example\nhttps://three.example")
    assert [each["base_url"] for each in load_environment()] == ["https://one.example", "https://three.example"]


def test_numbers_that_differ_are_refused(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k1\nk2")
    monkeypatch.setenv("OPENAI_API_BASE", "https://one.example")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY has 2 keys and OPENAI_API_BASE has 1 endpoints"):
        load_environment()


def test_a_bad_endpoint_names_its_place(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k1")
    monkeypatch.setenv("OPENAI_API_BASE", "one.example")
    with pytest.raises(ConfigError, match=r"OPENAI_API_KEY\[0\]\.base_url: must be a full URL"):
        load_environment()


def test_the_api_version_of_the_environment(monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "a1")
    monkeypatch.setenv("OPENAI_API_VERSION", "2025-01-01")
    [entry] = load_environment()
    assert (entry["api_version"], entry.sources["api_version"]) == (
        "2025-01-01",
        "environment variable OPENAI_API_VERSION",
    )
    monkeypatch.setenv("AZURE_OPENAI_API_VERSION", "2025-02-02")
    with pytest.warns(ConfigWarning, match="AZURE_OPENAI_API_VERSION and OPENAI_API_VERSION differ"):
        assert load_environment()[0]["api_version"] == "2025-02-02"


def test_nothing_found_warns():
    with pytest.warns(ConfigWarning, match="none of OPENAI_API_KEY is set, and no key file in"):
        assert load_environment(key_file_path=".", exclude="aoai", model_list=["m"]) == []


@pytest.mark.parametrize(
    ("arguments", "says"), [({"exclude": "azure"}, "exclude:"), ({"model_list": "m"}, "model_list:")]
)
def test_wrong_arguments(arguments, says):
    with pytest.raises(ConfigError, match=says):
        load_environment(**arguments)
