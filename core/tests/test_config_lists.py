"""AutoGen 0.2's config list functions: their arguments, results and errors."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys

import pytest

import quorate
from quorate import config_lists
from quorate.config_lists import (
    config_list_from_json,
    config_list_from_models,
    config_list_gpt4_gpt35,
    config_list_openai_aoai,
    filter_config,
    get_config,
    get_config_list,
)
from quorate.errors import ConfigError, ConfigWarning
from quorate.kernel import Kernel


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_OPENAI_", "OAI_")):
            monkeypatch.delenv(name)


def keys(entries):
    return [each["api_key"].get_secret_value() for each in entries]


# The signatures of AutoGen 0.2.40: names, order and defaults are what programs rely on.
@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("config_list_from_json", "env_or_file, file_location='', filter_dict=None"),
        ("config_list_from_dotenv", "dotenv_file_path=None, model_api_key_map=None, filter_dict=None"),
        (
            "config_list_openai_aoai",
            (
                "key_file_path='.', openai_api_key_file='key_openai.txt', aoai_api_key_file='key_aoai.txt', "
                "openai_api_base_file='base_openai.txt', aoai_api_base_file='base_aoai.txt', exclude=None"
            ),
        ),
        (
            "config_list_from_models",
            (
                "key_file_path='.', openai_api_key_file='key_openai.txt', aoai_api_key_file='key_aoai.txt', "
                "aoai_api_base_file='base_aoai.txt', exclude=None, model_list=None"
            ),
        ),
        (
            "config_list_gpt4_gpt35",
            (
                "key_file_path='.', openai_api_key_file='key_openai.txt', aoai_api_key_file='key_aoai.txt', "
                "aoai_api_base_file='base_aoai.txt', exclude=None"
            ),
        ),
        ("get_config_list", "api_keys, base_urls=None, api_type=None, api_version=None"),
        ("filter_config", "config_list, filter_dict, exclude=False"),
        ("get_config", "api_key, base_url=None, api_type=None, api_version=None"),
    ],
)
def test_signatures_are_autogens(name, signature):
    parameters = inspect.signature(getattr(config_lists, name)).parameters.values()
    assert ", ".join(str(each.replace(annotation=each.empty)) for each in parameters) == signature


def test_the_public_names_are_these_functions():
    assert quorate.config_list_from_json is config_list_from_json
    assert quorate.filter_config is filter_config


def test_the_loaders_are_offered_by_the_core():
    kernel = Kernel(autoload=False)
    assert {"environment", "json", "keys"} <= set(kernel.names("config loader"))
    for name in ("environment", "json", "keys"):
        assert callable(kernel.factory("config loader", name))


def test_from_json(tmp_path):
    (tmp_path / "LIST").write_text('[{"model": "a", "tags": ["x"]}, {"model": "b"}] // two')
    assert config_list_from_json("LIST", str(tmp_path), {"tags": "x"}) == [{"model": "a", "tags": ["x"]}]
    with pytest.raises(FileNotFoundError):
        config_list_from_json("NO_SUCH_LIST")


def test_from_models_and_files(tmp_path):
    (tmp_path / "key_openai.txt").write_text("k1\nk2")
    entries = config_list_from_models(model_list=["a", "b"], exclude="aoai")
    assert [(each["model"], key) for each, key in zip(entries, keys(entries), strict=True)] == [
        ("a", "k1"),
        ("a", "k2"),
        ("b", "k1"),
        ("b", "k2"),
    ]
    assert keys(config_list_openai_aoai(exclude="aoai")) == ["k1", "k2"]
    assert [each["model"] for each in config_list_gpt4_gpt35()] == ["gpt-4", "gpt-4", "gpt-3.5-turbo", "gpt-3.5-turbo"]
    with pytest.warns(ConfigWarning, match="the config list is empty"):
        assert config_list_openai_aoai(key_file_path=None) == []


def test_a_list_of_keys():
    entries = get_config_list(
        ["k1", " ", "k3"], ["https://a.test", "https://b.test", "https://c.test"], "azure", "2024-02-01"
    )
    assert keys(entries) == ["k1", "k3"]
    assert [each["base_url"] for each in entries] == ["https://a.test", "https://c.test"]
    assert entries[1]["api_type"] == "azure"
    assert entries[1].place == "api_keys[2]"
    assert keys(get_config_list(["k"])) == ["k"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((["k1", "k2"], ["https://a.test"]), "base_urls: 1 endpoints for 2 keys; give one for each"),
        (("sk-one",), "api_keys: must be a list of texts, not one text"),
        ((["k1"], "https://a.test"), "base_urls: must be a list of texts, not one text"),
        ((["k1"], ["a.test"]), r"api_keys\[0\]\.base_url: must be a full URL"),
    ],
)
def test_a_list_of_keys_that_does_not_fit(arguments, says):
    with pytest.raises(ConfigError, match=says):
        get_config_list(*arguments)


def test_one_config(monkeypatch):
    monkeypatch.setenv("OPENAI_TEST_URL", "https://a.test")
    assert get_config("k", "OPENAI_TEST_URL", "azure")["base_url"] == "https://a.test"
    assert get_config("k", "https://b.test")["base_url"] == "https://b.test"
    assert keys([get_config("k")]) == ["k"]
    with pytest.raises(ConfigError, match="api_key: is blank"):
        get_config(" ")


def test_without_the_dotenv_plugin_the_error_says_how_to_get_it():
    program = (
        "from quorate.config_lists import config_list_from_dotenv\n"
        "from quorate.errors import UnknownName\n"
        "try:\n    config_list_from_dotenv()\n"
        "except UnknownName as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "QUORATE_DISABLE_PLUGINS": "all"},
        check=True,
    )
    assert "no config loader is named 'dotenv'" in done.stdout
    assert "quorate-dotenv-config" in done.stdout  # how to get it, or that it is there and disabled
