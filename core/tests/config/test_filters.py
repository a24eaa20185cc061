"""Filtering config lists, with AutoGen 0.2's faults kept out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.config import ConfigEntry, dropped_because, filter_config
from quorate.errors import ConfigError

A = {"model": "gpt-4", "api_type": "azure", "tags": ["tool", "big"]}
B = {"model": "gpt-4o", "tags": "tool"}
C = {"model": "mistral", "base_url": "http://localhost:1/v1", "tags": []}
LIST = [A, B, C]


@pytest.mark.parametrize(
    ("filter_dict", "kept"),
    [
        (None, LIST),
        ({}, LIST),
        ({"model": ["gpt-4"]}, [A]),
        ({"model": "gpt-4"}, [A]),  # not gpt-4o: no substring test
        ({"model": {"gpt-4", "mistral"}}, [A, C]),
        ({"model": ("gpt-4o",)}, [B]),
        ({"tags": "tool"}, [A, B]),
        ({"tags": ["tool"]}, [A, B]),
        ({"tags": ["big", "other"]}, [A]),
        ({"tags": [None]}, [C]),
        ({"tags": None}, [C]),
        ({"tags": ["big", None]}, [A, C]),
        ({"api_type": ["azure", None]}, LIST),
        ({"api_type": [None]}, [B, C]),
        ({"api_type": ["azure"]}, [A]),
        ({"client": ["azure"]}, [A]),  # the old name's new one
        ({"api_base": [None]}, [A, B]),
        ({"model": ["gpt-4", "gpt-4o"], "tags": ["big"]}, [A]),
        ({"timeout": [None]}, LIST),
        ({"timeout": [5]}, []),
        ({"region": ["eu"]}, []),  # nobody has it, and it looks like nothing known
        ({"model": []}, []),
    ],
)
def test_what_a_filter_keeps(filter_dict, kept):
    assert filter_config(LIST, filter_dict) == kept


def test_exclude_drops_what_fits_any_criterion():
    assert filter_config(LIST, {"model": ["gpt-4"], "tags": [None]}, exclude=True) == [B]
    assert filter_config(LIST, {"tags": "tool"}, True) == [C]
    assert filter_config(LIST, {}, exclude=True) == LIST


@pytest.mark.parametrize(("key", "meant"), [("tag", "tags"), ("modle", "model"), ("api_typ", "api_type")])
def test_a_mistyped_key_says_so(key, meant):
    with pytest.raises(ConfigError, match=f"filter_dict.{key}: no entry has this key; did you mean '{meant}'?"):
        filter_config(LIST, {key: ["x"]})


def test_a_key_that_an_entry_has_is_never_mistyped():
    assert filter_config([{"model": "m", "tag": "x"}], {"tag": "x"}) == [{"model": "m", "tag": "x"}]


def test_a_filter_must_be_a_dict():
    with pytest.raises(ConfigError, match="filter_dict: must be a dict"):
        filter_config(LIST, ["gpt-4"])


def test_the_list_is_new_and_the_entries_are_the_same():
    kept = filter_config(LIST, {})
    assert kept is not LIST
    assert kept[0] is A


def test_a_price_can_be_asked_for_as_a_whole():
    entry = {"model": "m", "price": [1, 2]}
    assert filter_config([entry], {"price": [[1, 2]]}) == [entry]


def test_keys_can_be_filtered_and_are_not_told():
    entry = ConfigEntry({"model": "m", "api_key": "sk-1"})
    assert filter_config([entry], {"api_key": ["sk-1"]}) == [entry]
    reason = dropped_because(entry, {"api_key": ["sk-2"]})
    assert reason is not None
    assert "sk-" not in reason
    assert dropped_because(entry, {"api_key": [None]}) == "api_key is a secret, and the filter wants missing"


@pytest.mark.parametrize(
    ("filter_dict", "exclude", "reason"),
    [
        ({"model": "gpt-4"}, False, None),
        ({"model": ["x", "y"]}, False, "model is 'gpt-4', and the filter wants 'x' or 'y'"),
        ({"timeout": 5}, False, "timeout is missing, and the filter wants 5"),
        ({"tags": "no"}, False, "tags is ['tool', 'big'], and the filter wants 'no'"),
        ({"tags": "tool"}, True, "tags is ['tool', 'big'], which the filter excludes"),
    ],
)
def test_why_an_entry_is_dropped(filter_dict, exclude, reason):
    assert dropped_because(A, filter_dict, exclude=exclude) == reason


values = st.one_of(st.none(), st.sampled_from("abc"), st.lists(st.sampled_from("abc"), max_size=3))
entries = st.lists(st.dictionaries(st.sampled_from(["k1", "k2"]), values), max_size=5)
filters = st.dictionaries(st.sampled_from(["k1", "k2"]), st.lists(st.one_of(st.none(), st.sampled_from("abc"))))


@given(entries, filters)
def test_kept_and_reasons_agree_and_order_stays(config_list, filter_dict):
    kept = filter_config(config_list, filter_dict)
    assert kept == [each for each in config_list if dropped_because(each, filter_dict) is None]
    for key, wanted in filter_dict.items():
        for each in kept:
            value = each.get(key)
            members = [value] if isinstance(value, str) else value or [None]
            assert set(members) & set(wanted)
