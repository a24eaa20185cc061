"""The dotenv loader, on real files and environments."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import traceback

import pytest

import quorate_dotenv_config
from quorate.errors import ConfigError, ConfigWarning
from quorate.kernel import Kernel

KEY = "sk-very-secret-0123456789"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """The loader as the kernel gives it, in a folder of its own and with no key in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_", "MISTRAL_", "MY_")):
            monkeypatch.delenv(name)
    kernel = Kernel(autoload=False)
    kernel.register(quorate_dotenv_config, "dotenv-config")
    return kernel.factory("config loader", "dotenv")


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def shapes(entries):
    return [(each["model"], each["api_key"].get_secret_value()) for each in entries]


def test_both_default_models_with_one_key(load, tmp_path):
    write(tmp_path / ".env", f"export OPENAI_API_KEY='{KEY}' # ours\n")
    entries = load()
    assert shapes(entries) == [("gpt-4", KEY), ("gpt-3.5-turbo", KEY)]
    assert entries[0].place == "model_api_key_map['gpt-4']"
    assert entries[0].sources == {
        "model": "model_api_key_map['gpt-4']",
        "api_key": f"variable OPENAI_API_KEY in file {tmp_path / '.env'}",
    }


def test_nothing_leaks(load, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    write(tmp_path / ".env", f"OPENAI_API_KEY={KEY}\nOTHER=1\n")
    before = dict(os.environ)
    given = {"m": "OPENAI_API_KEY"}
    entries = load(None, given)
    assert dict(os.environ) == before
    assert given == {"m": "OPENAI_API_KEY"}
    assert list((tmp_path / "temp").iterdir()) == []
    assert KEY not in f"{entries} {entries[0]} {entries[0].sources}"
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(entries)


def test_it_is_found_from_a_folder_below(load, tmp_path, monkeypatch):
    write(tmp_path / ".env", "OPENAI_API_KEY=above\n")
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert shapes(load())[0] == ("gpt-4", "above")


def test_the_environment_wins_unless_it_is_blank(load, tmp_path, monkeypatch):
    file = write(tmp_path / "my.env", "OPENAI_API_KEY=file\nMISTRAL_KEY=file\n")
    monkeypatch.setenv("OPENAI_API_KEY", "environment")
    monkeypatch.setenv("MISTRAL_KEY", " ")
    entries = load(file, {"mistral": "MISTRAL_KEY"})
    assert shapes(entries) == [("mistral", "file"), ("gpt-4", "environment"), ("gpt-3.5-turbo", "environment")]
    assert entries[1].sources["api_key"] == "environment variable OPENAI_API_KEY"


def test_a_map_with_more_than_the_key(load, tmp_path):
    file = write(tmp_path / "x.env", "MY_KEY=k\nMY_URL=https://mine.test/v1\nOPENAI_API_KEY=o\n")
    entries = load(
        file,
        {
            "mine": {
                "api_key_env_var": "MY_KEY",
                "base_url": "MY_URL",
                "api_type": "azure",
                "tags": ["t"],
                "timeout": 9,
            },
            "plain": {"base_url": "https://plain.test"},
        },
        {"model": ["mine", "plain"]},
    )
    assert shapes(entries) == [("mine", "k"), ("plain", "o")]
    mine = entries[0]
    assert (mine["base_url"], mine["api_type"], mine["tags"], mine["timeout"]) == (
        "https://mine.test/v1",
        "azure",
        ["t"],
        9,
    )
    assert mine.sources["base_url"] == f"variable MY_URL in file {file}"
    assert mine.sources["api_type"] == "model_api_key_map['mine']"


def test_models_without_a_key_are_left_out_with_a_warning(load, tmp_path):
    file = write(tmp_path / "x.env", "MY_KEY=k\n")
    with pytest.warns(ConfigWarning) as caught:
        entries = load(file, {"mine": "MY_KEY", "other": "MISTRAL_KEY"})
    assert shapes(entries) == [("mine", "k")]
    assert [str(each.message) for each in caught] == [
        f"{file}: MISTRAL_KEY is not set there or in the environment; other is left out"
    ]


def test_nothing_at_all_warns(load, tmp_path):
    with pytest.warns(ConfigWarning) as caught:
        assert load(write(tmp_path / "x.env", "")) == []
    assert "no configuration found" in str(caught[-1].message)


def test_no_file_means_the_environment_with_a_warning(load, monkeypatch, tmp_path):
    if any((folder / ".env").exists() for folder in tmp_path.parents):
        pytest.skip("a .env file stands above the temporary folder")
    monkeypatch.setenv("OPENAI_API_KEY", "environment")
    with pytest.warns(ConfigWarning, match=r"no \.env file in .* or above it; only the environment is read"):
        assert shapes(load())[0] == ("gpt-4", "environment")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"m": 5}, "model_api_key_map['m']: must be the name of a variable, or a dict with api_key_env_var, not int"),
        ({"m": ["OPENAI_API_KEY"]}, "model_api_key_map['m']: must be the name of a variable"),
        ({"m": None}, "model_api_key_map['m']: must be the name of a variable"),
        ({"m": {"api_key_env_var": 3}}, "model_api_key_map['m'].api_key_env_var: must be the name of a variable"),
        ({"m": {"base_ur": "https://a.test"}}, "model_api_key_map['m'].base_ur: no such key; did you mean 'base_url'?"),
        ({"m": {"base_url": "a.test"}}, "model_api_key_map['m'].base_url: must be a full URL"),
        (["m"], "model_api_key_map: must be a dict"),
    ],
)
def test_a_wrong_map_names_place_and_key(load, tmp_path, given, says):
    file = write(tmp_path / "x.env", f"OPENAI_API_KEY={KEY}\n")
    with pytest.raises(ConfigError) as caught:
        load(file, given)
    assert str(caught.value).startswith(says)
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_a_missing_file_is_an_error_of_both_kinds(load):
    with pytest.raises(FileNotFoundError) as caught:
        load("missing.env")
    assert isinstance(caught.value, ConfigError)
    assert str(caught.value).startswith("missing.env: no such .env file")


def test_a_directory_and_no_text(load, tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)
    (tmp_path / "x.env").write_bytes(b"OPENAI_API_KEY=" + KEY.encode() + b"\xff\n")
    with pytest.raises(ConfigError, match="is not UTF-8 text") as caught:
        load(tmp_path / "x.env")
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_a_byte_order_mark_is_no_part_of_the_first_name(load, tmp_path):
    (tmp_path / "x.env").write_text("OPENAI_API_KEY=k\n", encoding="utf-8-sig")
    assert shapes(load(tmp_path / "x.env"))[0] == ("gpt-4", "k")


def test_the_plugin_is_light():
    program = "import sys, quorate_dotenv_config; print({'dotenv', 'pydantic'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
