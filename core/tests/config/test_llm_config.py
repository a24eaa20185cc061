"""``llm_config``: shared values, entries, and what is refused."""

from __future__ import annotations

import copy

import pytest

from quorate.config import ConfigEntry, parse_llm_config
from quorate.config.llm_config import check_entry
from quorate.errors import ConfigError
from quorate.records import ModelClientRecord


def test_entries_win_over_what_stands_beside_them():
    llm_config = {
        "config_list": [{"model": "a", "temperature": 0}, {"model": "b", "timeout": 5}],
        "temperature": 1,
        "timeout": 60,
        "api_key": "shared",
        "price": [1, 2],
    }
    a, b = parse_llm_config(llm_config).configs
    assert (a.params["temperature"], a.timeout) == (0, 60.0)
    assert (b.params["temperature"], b.timeout) == (1, 5.0)
    assert a.api_key.get_secret_value() == b.api_key.get_secret_value() == "shared"
    assert a.price == (1.0, 2.0)


def test_without_a_config_list_it_is_the_entry():
    parsed = parse_llm_config({"model": "a", "cache_seed": 7, "temperature": 0, "tools": [{"type": "function"}]})
    assert [config.model for config in parsed.configs] == ["a"]
    assert parsed.configs[0].params == {"temperature": 0}
    assert parsed.configs[0].place == "llm_config"
    assert (parsed.cache_seed, parsed.tools) == (7, ({"type": "function"},))


def test_what_belongs_to_the_whole_list_is_kept_from_the_client():
    def accept(**_):
        return True

    parsed = parse_llm_config(
        {
            "config_list": [{"model": "a"}, {"model": "b", "cache_seed": None}],
            "cache_seed": None,
            "filter_func": accept,
            "functions": [{"name": "f"}],
            "context": {"x": 1},
            "allow_format_str_template": True,
        }
    )
    assert [config.params for config in parsed.configs] == [{}, {}]
    assert (parsed.cache_seed, parsed.filter_func, parsed.functions) == (None, accept, ({"name": "f"},))
    assert (parsed.context, parsed.allow_format_str_template) == ({"x": 1}, True)


def test_a_whole_list_key_in_one_entry_is_taken_for_all():
    assert parse_llm_config({"config_list": [{"model": "a", "cache_seed": 3}]}).cache_seed == 3
    with pytest.raises(ConfigError, match=r"llm_config\.config_list\[1\]\.cache_seed: is one for the whole list"):
        parse_llm_config({"config_list": [{"model": "a", "cache_seed": 3}, {"model": "b", "cache_seed": 4}]})


def test_nothing_of_the_callers_is_changed():
    tools = [{"type": "function"}]
    entry = {"model": "a", "api_type": "openai", "cache_seed": 1}
    llm_config = {"config_list": [entry], "temperature": 1, "tools": tools}
    before = copy.deepcopy(llm_config)
    parsed = parse_llm_config(llm_config)
    assert llm_config == before
    assert parsed.tools[0] is tools[0]


@pytest.mark.parametrize(
    ("llm_config", "says"),
    [
        ({}, "llm_config: is empty; name a model"),
        ({"config_list": []}, "llm_config.config_list: is empty; add an entry"),
        ({"config_list": None}, "llm_config.config_list: must be a list of entries"),
        ({"config_list": {"model": "a"}}, "llm_config.config_list: must be a list of entries"),
        ({"config_list": "OAI_CONFIG_LIST"}, "read the list with config_list_from_json"),
        ({"config_list": ["gpt-5"]}, "llm_config.config_list[0]: must be a dict such as {'model': '...'}, not str"),
        ({"config_list": [{"model": "a", "timeout": "x"}]}, "llm_config.config_list[0].timeout: must be"),
        ({"model": "a", "tools": "search"}, "llm_config.tools: must be a list of schemas"),
        ({"model": "a", "functions": ["f"]}, "llm_config.functions: must be a list of schemas"),
        ({"model": "a", "filter_func": 1}, "llm_config.filter_func: must be a function"),
        ({"model": "a", "cache_seed": [1]}, "llm_config.cache_seed: must be a number or a name"),
        (["gpt-5"], "llm_config: must be a dict"),
    ],
)
def test_an_unusable_one_says_what_to_do(llm_config, says):
    with pytest.raises(ConfigError) as caught:
        parse_llm_config(llm_config)
    assert says in str(caught.value)


def test_whether_a_model_must_be_named_is_for_the_client_to_say():
    config = parse_llm_config({"config_list": [{"model": "a"}, {"base_url": "http://a.test"}]}).configs[1]
    says = r'^llm_config.config_list\[1\]: names no model, and picky needs one; add "model": "..." here or beside'
    with pytest.raises(ConfigError, match=says):
        check_entry(config, ModelClientRecord(name="picky", factory="nowhere:Client"))
    check_entry(config, ModelClientRecord(name="easy", factory="nowhere:Client", model_required=False))


def test_an_endpoint_under_a_key_of_the_client_is_checked_where_it_enters():
    record = ModelClientRecord(name="example", factory="nowhere:Client", base_url_keys=("its_endpoint",))
    for entry, says in (
        ({"its_endpoint": "nowhere"}, "llm_config.its_endpoint: must be a full URL"),
        ({"its_endpoint": 1}, "llm_config.its_endpoint: must be the text of an http"),
        (
            {"its_endpoint": "http://a.test", "base_url": "http://b.test"},
            "llm_config.its_endpoint: says something else",
        ),
    ):
        with pytest.raises(ConfigError, match=says):
            check_entry(parse_llm_config({"model": "a", **entry}).configs[0], record)


def test_a_client_class_of_the_programs_own_needs_no_model():
    config = parse_llm_config({"config_list": [{"model_client_cls": "Mine", "device": "cuda"}]}).configs[0]
    assert (config.label, config.params) == ("Mine", {"device": "cuda"})


def test_places_and_sources_are_kept():
    entry = ConfigEntry({"model": "a"}, place="OAI_CONFIG_LIST[4]", sources="file OAI_CONFIG_LIST")
    plain = {"model": "b"}
    a, b = parse_llm_config({"config_list": [entry, plain], "timeout": 3}, place="writer.llm_config").configs
    assert a.place == "OAI_CONFIG_LIST[4]"
    assert a.sources == {"model": "file OAI_CONFIG_LIST", "timeout": "writer.llm_config"}
    assert b.place == "writer.llm_config.config_list[1]"
    assert b.sources["model"] == "writer.llm_config.config_list[1]"


def test_a_shared_old_name_gives_way_to_an_entrys_new_one():
    config = parse_llm_config({"config_list": [{"model": "a", "client": "tiny"}], "api_type": "azure"}).configs[0]
    assert config.client == "tiny"
