"""Config entries: reading, provenance, and secrets that stay secret."""

from __future__ import annotations

import copy
import json

import pytest
from pydantic import SecretStr

from quorate.config import ConfigEntry, ModelConfig
from quorate.errors import ConfigError, ConfigWarning


def test_it_reads_as_a_dict():
    entry = ConfigEntry({"model": "m", "api_key": "sk-1", "eos_token": "</s>"}, place="L[0]", sources="file L")
    assert entry["model"] == "m"
    assert {**entry}["model"] == "m"
    assert isinstance(entry["api_key"], SecretStr)
    assert entry["api_key"].get_secret_value() == "sk-1"
    assert entry["eos_token"] == "</s>"
    assert entry.sources == {"model": "file L", "api_key": "file L", "eos_token": "file L"}
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(entry)


def test_no_url_shows_its_query_whatever_a_client_calls_it():
    url = "https://a.test/v1?key=sk-1"
    entry = ConfigEntry({"base_url": url, "its_endpoint": url, "nested": {"callback": url}}, place="L[0]")
    assert "sk-1" not in repr(entry)
    assert repr(entry).count("https://a.test/v1?...") == 3
    assert "sk-1" not in repr(ModelConfig.parse(entry, place="L[0]").params)
    assert "sk-1" not in ModelConfig.parse({"its_endpoint": url}, place="L[0]").model_dump_json()
    assert entry["its_endpoint"] == url


@pytest.mark.parametrize("twin_of", [copy.copy, copy.deepcopy, ConfigEntry.copy])
def test_copies_keep_everything(twin_of):
    entry = ConfigEntry({"api_key": "sk-1", "tags": ["a"]}, place="L[0]", sources={"api_key": "here", "tags": "there"})
    twin = twin_of(entry)
    assert (twin, twin.place, twin.sources) == (entry, entry.place, entry.sources)
    twin["model"] = "new"
    assert "model" not in entry
    assert "model" not in entry.sources


def test_a_deep_copy_shares_no_list():
    entry = ConfigEntry({"tags": ["a"]})
    copy.deepcopy(entry)["tags"].append("b")
    assert entry["tags"] == ["a"]


def test_what_code_changes_is_said_to_come_from_the_program():
    entry = ConfigEntry({"model": "m"}, sources="file L")
    entry["api_key"] = "sk-1"
    entry.update(timeout=3)
    assert "sk-1" not in repr(entry)
    assert isinstance(entry["api_key"], SecretStr)
    assert entry.sources == {"model": "file L", "api_key": "the program", "timeout": "the program"}


def test_checked_entries_are_validated_but_need_no_model():
    entry = ConfigEntry.checked({"api_key": "sk-1"}, place="L[0]", sources="file L")
    assert entry.place == "L[0]"
    with pytest.raises(ConfigError, match=r"L\[1\]\.timeout: must be"):
        ConfigEntry.checked({"timeout": "soon"}, place="L[1]", sources="file L")
    with pytest.raises(ConfigError, match=r"L\[1\]: must be an object .* not str"):
        ConfigEntry.checked("gpt-5", place="L[1]", sources="file L")


def test_api_base_becomes_base_url():
    with pytest.warns(ConfigWarning, match="write base_url"):
        entry = ConfigEntry.checked({"api_base": "https://a.example"}, place="L[0]", sources="file L")
    assert entry == {"base_url": "https://a.example"}
    assert entry.sources == {"base_url": "file L"}
