"""The JSON loader: variables, files, comments, and errors with their place."""

from __future__ import annotations

import json
import traceback

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quorate.config.json_loader import load_json, without_comments
from quorate.errors import ConfigError, ConfigFileNotFound, ConfigWarning

KEY = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OAI_CONFIG_LIST", raising=False)


def test_a_file_with_comments(tmp_path):
    (tmp_path / "OAI_CONFIG_LIST").write_text(
        '// ours\n[{"model": "m", // "model": "n",\n "base_url": "https://a.example//v1"}]// "\n', encoding="utf-8"
    )
    [entry] = load_json("OAI_CONFIG_LIST")
    assert entry == {"model": "m", "base_url": "https://a.example//v1"}
    assert entry.place == "OAI_CONFIG_LIST[0]"
    assert entry.sources["model"] == "file OAI_CONFIG_LIST"


def test_a_file_in_a_folder_with_a_byte_order_mark(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "list.json").write_text('[{"model": "modèle"}]', encoding="utf-8-sig")
    [entry] = load_json("list.json", "conf")
    assert entry["model"] == "modèle"
    assert entry.place == "conf/list.json[0]"


def test_the_variable_comes_first(tmp_path, monkeypatch):
    (tmp_path / "OAI_CONFIG_LIST").write_text('[{"model": "file"}]')
    monkeypatch.setenv("OAI_CONFIG_LIST", ' // x\n [{"model": "variable"}, {"model": "other"}]')
    entries = load_json("OAI_CONFIG_LIST", filter_dict={"model": ["other"]})
    assert entries == [{"model": "other"}]
    assert entries[0].place == "OAI_CONFIG_LIST[1]"
    assert entries[0].sources == {"model": "environment variable OAI_CONFIG_LIST"}


def test_a_variable_may_name_a_file(tmp_path, monkeypatch):
    path = tmp_path / "elsewhere.json"
    path.write_text('[{"model": "m"}]')
    monkeypatch.setenv("OAI_CONFIG_LIST", str(path))
    [entry] = load_json("OAI_CONFIG_LIST")
    assert entry.sources["model"] == f"file {path}, named by the environment variable OAI_CONFIG_LIST"


def test_a_blank_variable_is_not_set(tmp_path, monkeypatch):
    monkeypatch.setenv("OAI_CONFIG_LIST", " ")
    (tmp_path / "OAI_CONFIG_LIST").write_text('[{"model": "file"}]')
    assert load_json("OAI_CONFIG_LIST") == [{"model": "file"}]


def test_json_longer_than_a_file_name_may_be(monkeypatch):
    monkeypatch.setenv("OAI_CONFIG_LIST", json.dumps([{"model": "m" * 10_000}]))
    assert len(load_json("OAI_CONFIG_LIST")) == 1


def failing(*arguments):
    with pytest.raises(ConfigError) as caught:
        load_json(*arguments)
    error = caught.value
    assert KEY not in "".join(traceback.format_exception(error))
    assert error.__context__ is None
    return error


def test_a_missing_file_is_a_file_not_found_error():
    error = failing("OAI_CONFIG_LIST", "conf")
    assert isinstance(error, FileNotFoundError)
    assert str(error).startswith("conf/OAI_CONFIG_LIST: no such file, and no environment variable OAI_CONFIG_LIST")


def test_a_variable_that_names_a_missing_file_says_so(monkeypatch):
    monkeypatch.setenv("OAI_CONFIG_LIST", "/nowhere/list.json")
    error = failing("OAI_CONFIG_LIST")
    assert isinstance(error, ConfigFileNotFound)
    assert str(error) == (
        "the environment variable OAI_CONFIG_LIST names the file /nowhere/list.json, which does not exist"
    )


@pytest.mark.parametrize("value", [KEY, f"{KEY}\n{KEY}", f"Bearer {KEY}", f"{KEY}\0", f"{KEY}/{KEY}"])
def test_a_key_in_the_variable_is_not_shown(monkeypatch, value):
    if "\0" in value:
        value = value.replace("\0", "\x7f")
    monkeypatch.setenv("OAI_CONFIG_LIST", value)
    assert str(failing("OAI_CONFIG_LIST")) == (
        "the environment variable OAI_CONFIG_LIST holds neither JSON nor the path of a file that exists"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f'[{{"api_key": "{KEY}"}}\n // x\n  {{}}]', "L, line 3, column 3: not JSON: Expecting ',' delimiter"),
        (f'[{{"api_key": "{KEY}}}]', "L, line 1, column 14: not JSON: Unterminated string"),
        (f'[{{"api_key": "{KEY}" /* no */}}]', "L, line 1, column 42: not JSON"),
        ("", "L, line 1, column 1: not JSON"),
        (f'{{"api_key": "{KEY}"}}', "L: must be a list of entries, [{...}, ...], not an object"),
        (f'"{KEY}"', "L: must be a list of entries, [{...}, ...], not text"),
        ("3", "L: must be a list of entries, [{...}, ...], not a number"),
        (f'[{{}}, "{KEY}"]', "L[1]: must be an object"),
        (f'[{{"model": "m"}}, {{"api_key": "{KEY}", "base_url": "{KEY}"}}]', "L[1].base_url: must be a full URL"),
        ("[" * 100_000, "L: nested too deeply"),
    ],
)
def test_bad_json_names_file_line_and_column(tmp_path, text, says):
    (tmp_path / "L").write_text(text)
    assert str(failing("L")).startswith(says)


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "L").write_bytes(b'[{"api_key": "' + KEY.encode() + b'\xff"}]')
    assert "L: is not UTF-8 text (at byte" in str(failing("L"))


def test_a_directory(tmp_path):
    (tmp_path / "L").mkdir()
    assert "L: cannot be read: " in str(failing("L"))


def test_api_base_files_work(tmp_path):
    (tmp_path / "L").write_text('[{"model": "m", "api_base": "https://a.example/v1"}]')
    with pytest.warns(ConfigWarning, match=r"L\[0\]\.api_base: write base_url"):
        assert load_json("L") == [{"model": "m", "base_url": "https://a.example/v1"}]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet=st.sampled_from('ab/\\"\n\té ')),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_values, st.booleans())
def test_json_without_comments_is_left_alone(value, pretty):
    text = json.dumps(value, indent=2 if pretty else None, ensure_ascii=False)
    assert without_comments(text) == text


comments = st.text(alphabet=st.sampled_from('ab/\\"{}[], ')).map(lambda text: "//" + text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_values, st.lists(comments, min_size=1, max_size=8))
def test_comments_change_no_value_and_no_position(value, said):
    lines = json.dumps(value, indent=1, ensure_ascii=False).split("\n")
    for index, comment in enumerate(said):
        lines[index % len(lines)] += " " + comment
    text = "\n".join(lines)
    stripped = without_comments(text)
    assert json.loads(stripped) == value
    assert [len(line) for line in stripped.split("\n")] == [len(line) for line in lines]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.sampled_from('"\\/a\n{}[]:, ')))
def test_stripping_any_text_keeps_its_shape(text):
    stripped = without_comments(text)
    assert len(stripped) == len(text)
    assert stripped.count("\n") == text.count("\n")
    assert without_comments(stripped) == stripped
