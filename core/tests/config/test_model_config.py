"""``ModelConfig``: validation, equality, and secrets that stay secret."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from quorate.config import ApiKey, ConfigEntry, ModelConfig
from quorate.config.keys import KNOWN, is_secret, nearest
from quorate.errors import ConfigError, ConfigWarning

KEY = "sk-very-secret-0123456789"
PLACE = "OAI_CONFIG_LIST[2]"

# Keys that people really send to the clients of today; none may be taken for a typing mistake.
REAL_PARAMS = """
temperature top_p top_k n stop seed user tools tool_choice max_tokens max_completion_tokens logprobs top_logprobs
logit_bias presence_penalty frequency_penalty response_format stream_options parallel_tool_calls functions
function_call modalities audio metadata store service_tier reasoning_effort prediction verbosity web_search_options
http_client default_headers default_query organization project azure_ad_token azure_ad_token_provider
azure_deployment azure_endpoint api_rate_limit device device_map torch_dtype dtype load_in_8bit revision params
guided_choice min_p repetition_penalty extra_body extra_headers model_info max_length max_new_tokens do_sample
num_beams trust_remote_code quantization aws_region aws_access_key aws_secret_key location project_id num_ctx
keep_alive client_host stream_chunks native_tool_calls hide_tools price_source top_a typical_p mirostat
""".split()


def parse(**entry):
    return ModelConfig.parse(entry, place=PLACE)


def refused(**entry):
    with pytest.raises(ConfigError) as caught:
        parse(**entry)
    return caught.value


def test_every_known_key_is_read():
    config = parse(
        model="gpt-5",
        client="openai@rival",
        api_key=KEY,
        base_url="https://example.org/v1",
        api_version="2024-02-01",
        timeout=30,
        max_retries=3,
        price=[0.5, 1],
        tags=["tool", "cheap"],
        stream=True,
        temperature=0.1,
    )
    assert config.label == "openai@rival, gpt-5"
    assert (config.timeout, config.max_retries, config.price) == (30.0, 3, (0.5, 1.0))
    assert (config.tags, config.stream, config.params) == (("tool", "cheap"), True, {"temperature": 0.1})
    assert isinstance(config.api_key, SecretStr)
    assert config.api_key.get_secret_value() == KEY
    assert config.place == PLACE


@pytest.mark.parametrize(
    ("entry", "attribute", "value"),
    [
        ({"api_type": "azure"}, "client", "azure"),
        ({"price": 0.2}, "price", (0.2, 0.2)),
        ({"tags": "tool"}, "tags", ("tool",)),
        ({"tags": {"b", "a"}}, "tags", ("a", "b")),
        ({"api_key": f"  {KEY}\n"}, "api_key", ApiKey(KEY)),
        ({"api_key": "  "}, "api_key", None),
        ({"api_key": SecretStr(KEY)}, "api_key", ApiKey(KEY)),
        ({"timeout": None, "base_url": None, "model": None}, "timeout", None),
        ({"base_url": " http://localhost:8000/v1 "}, "base_url", "http://localhost:8000/v1"),
        ({"max_retries": 2.0}, "max_retries", 2),
        ({"params": {"max_length": 7}}, "params", {"params": {"max_length": 7}}),
    ],
)
def test_what_people_write_is_understood(entry, attribute, value):
    assert getattr(parse(**entry), attribute) == value


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"timeout": 0}, ".timeout: must be a number of seconds above 0, not 0"),
        ({"timeout": True}, ".timeout: must be a number of seconds above 0, not bool"),
        ({"timeout": float("nan")}, ".timeout: must be a number of seconds"),
        ({"max_retries": -1}, ".max_retries: must be a whole number"),
        ({"max_retries": 1.5}, ".max_retries: must be a whole number"),
        ({"price": [1]}, ".price: must be US dollars per 1000 tokens"),
        ({"price": [1, -1]}, ".price: must be US dollars"),
        ({"price": True}, ".price: must be US dollars"),
        ({"tags": [1]}, ".tags: must be a list of texts"),
        ({"stream": "yes"}, ".stream: must be true or false, not str"),
        ({"model": ["gpt-5"]}, ".model: must be text, not list"),
        ({"api_key": 5}, ".api_key: must be text, not 5"),
        ({"model_client_cls": dict}, ".model_client_cls: must be text, not type"),
        ({"base_url": "api.example.org"}, ".base_url: must be a full URL"),
        ({"base_url": "ftp://example.org"}, ".base_url: must be a full URL"),
        ({"base_url": "https://"}, ".base_url: must be a full URL"),
        ({"base_url": "https://example.org:port/"}, ".base_url: must be a URL with a valid host and port"),
        ({"base_url": "https://exa mple.org"}, ".base_url: must be a URL without spaces"),
        ({"base_url": "https://a.example\\@b.example"}, ".base_url: must be a URL without spaces, backslashes"),
        ({"base_url": "https://user:pw@example.org"}, ".base_url: must not hold a user name or password"),
        ({"api_type": "azure", "client": "openai"}, ".api_type: says something else than client"),
        ({"modle": "gpt-5"}, ".modle: no such key; did you mean 'model'?"),
        ({"apikey": KEY}, ".apikey: no such key; did you mean 'api_key'?"),
        ({"Base-URL": "https://example.org"}, ".Base-URL: no such key; did you mean 'base_url'?"),
        ({"max_retry": 3}, ".max_retry: no such key; did you mean 'max_retries'?"),
    ],
)
def test_a_wrong_value_names_place_and_key(entry, says):
    assert (PLACE + says) in str(refused(**entry))


def test_all_wrong_values_are_told_at_once():
    lines = str(refused(timeout=-1, stream="x", model="m")).splitlines()
    assert [line.split(":")[0] for line in lines] == [f"{PLACE}.timeout", f"{PLACE}.stream"]


def test_a_key_that_is_no_text_is_refused():
    with pytest.raises(ConfigError, match=r"OAI_CONFIG_LIST\[2\]: a key must be text, not int"):
        ModelConfig.parse({3: 4}, place=PLACE)


@pytest.mark.parametrize("key", REAL_PARAMS)
def test_parameters_of_real_clients_pass(key):
    value = object()
    assert parse(**{key: value}).params[key] is value


@given(st.sampled_from(sorted(KNOWN)), st.data())
def test_one_wrong_letter_in_a_known_key_is_noticed(key, data):
    at = data.draw(st.integers(0, len(key) - 1))
    mistyped = key[:at] + key[at + 1 :]
    if len(mistyped) > 3 and mistyped not in KNOWN:
        assert nearest(mistyped, KNOWN) is not None


def test_api_base_is_understood_with_a_warning():
    with pytest.warns(ConfigWarning, match=r"OAI_CONFIG_LIST\[2\]\.api_base: write base_url"):
        config = parse(api_base="https://example.org/v1")
    assert config.base_url == "https://example.org/v1"
    with pytest.raises(ConfigError, match=r"\.api_base: says something else than base_url"):
        parse(base_url="https://other.example", api_base="https://example.org/v1")


def test_the_callers_dict_is_not_changed_and_objects_are_not_copied():
    class Client:
        def __deepcopy__(self, memo):
            raise AssertionError

    client = Client()
    entry = {"model": "m", "api_type": "openai", "http_client": client, "extra_body": {"a": [1]}}
    before = dict(entry)
    config = ModelConfig.parse(entry, place=PLACE)
    assert entry == before
    assert config.params["http_client"] is client
    assert config.params["extra_body"] is entry["extra_body"]
    assert copy.deepcopy(config) is config


def test_a_config_is_frozen():
    with pytest.raises(ValidationError):
        parse(model="m").model = "other"


# -- secrets


SECRETIVE = {
    "model": "m",
    "api_key": KEY,
    "azure_ad_token": KEY,
    "default_headers": {"Authorization": f"Bearer {KEY}"},
    "base_url": f"https://example.org/v1?key={KEY}",
}


def test_no_text_form_shows_a_key():
    config = parse(**SECRETIVE)
    entry = ConfigEntry(SECRETIVE)
    shown = [
        *(form(each) for each in (config, entry, [config], {"x": entry}) for form in (repr, str, "{}".format)),
        f"{config} {config!r} {config.api_key} {config.params} {entry['api_key']} {entry.sources}",
        config.model_dump_json(),
        json.dumps(config.model_dump(mode="json")),
        repr(config.model_dump()["api_key"]),
        repr(config.cache_key()),
    ]
    assert [text for text in shown if KEY in text] == []
    assert "Bearer" not in "".join(shown)


def test_nested_secrets_are_not_shown():
    inner = {"api_key": KEY, "inner": {"password": KEY}, "each": [{"token": KEY}, [{"api_key": KEY}]]}
    entry = ConfigEntry({"model": "m", "extra_body": inner, "proxies": [f"http://user:{KEY}@proxy.test:80/?key={KEY}"]})
    config = ModelConfig.parse(entry, place="config")
    shown = f"{entry} {config.params} {config.model_dump_json()}"
    assert KEY not in shown
    assert shown.count("http://...@proxy.test:80/?...") == 3


@pytest.mark.parametrize("key", ["api_key", "azure_ad_token", "default_headers"])
def test_a_secret_is_never_pickled(key):
    value = {"Authorization": KEY} if key == "default_headers" else KEY
    for holder in (parse(**{key: value}), ConfigEntry({key: value}), [ConfigEntry({key: value})]):
        with pytest.raises(TypeError, match="cannot be pickled") as caught:
            pickle.dumps(holder)
        assert KEY not in str(caught.value)


def test_a_secret_out_of_its_entry_is_not_pickled_either():
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(dict(ConfigEntry({"api_key": KEY})))


def test_without_a_secret_pickling_works():
    config = parse(model="m", temperature=1)
    assert pickle.loads(pickle.dumps(config)) == config
    entry = ConfigEntry({"model": "m"}, place="x", sources="y")
    assert pickle.loads(pickle.dumps(entry)) == entry


@pytest.mark.parametrize(
    "entry",
    [
        {"api_key": KEY, "timeout": KEY, "base_url": KEY, "price": KEY, "max_retries": KEY, "stream": KEY},
        {"api_key": KEY + "\n" + KEY},
        {"api_key": KEY + "é"},
        {"api_key": [KEY]},
        {"api_key": KEY, "tags": [1], "model": {KEY: KEY}},
        {"aipkey": KEY, "apikey": KEY},
        {"base_url": f"https://user:{KEY}@example.org"},
        {"client": [KEY], "api_version": 5},
    ],
)
def test_no_error_shows_a_value_and_none_hides_behind_it(entry):
    error = refused(**entry)
    assert KEY not in "".join(traceback.format_exception(error))
    assert error.__context__ is None
    assert error.__cause__ is None


@given(st.text(min_size=8).filter(lambda text: len(set(text)) > 3))
def test_any_text_as_a_key_stays_hidden(key):
    def told(key):
        try:
            config = parse(model="-", api_key=key)
        except ConfigError as error:
            return str(error)
        return repr(config) + config.model_dump_json() + repr(config.cache_key())

    # Some texts are words that stand there anyhow, such as the names of other keys.
    assert told(key).count(key) <= told(KEY).count(key)


def test_which_names_hold_secrets():
    assert all(map(is_secret, ["api_key", "apikey", "API_KEY", "azure_ad_token", "hf_token", "token", "client_secret"]))
    assert all(map(is_secret, ["password", "credentials", "default_headers", "aws_secret_key", "openai_api_key"]))
    assert not any(map(is_secret, ["max_tokens", "eos_token", "pad_token", "model", "logit_bias", "token_limit"]))


# -- identity


def test_equal_configs_are_equal_and_hash_alike():
    http = object()
    entry = {"model": "m", "api_key": KEY, "http_client": http, "stop": ["a"], "extra_body": {"x": {"y": 1}}}
    one = ModelConfig.parse(entry, place="a")
    two = ModelConfig.parse(dict(reversed(entry.items())), place="b")
    assert one == two
    assert hash(one) == hash(two)
    assert one.cache_key() == two.cache_key()
    assert one != entry


@pytest.mark.parametrize(
    "change",
    [
        {"api_key": KEY + "x"},
        {"api_key": None},
        {"http_client": object()},
        {"temperature": 0.2},
        {"temperature": True},
        {"azure_ad_token": "other"},
        {"default_headers": {"Authorization": "other"}},
        {"model": "n"},
        {"base_url": "https://example.org/v2"},
        {"stop": ["b"]},
        {"price": 2},
    ],
)
def test_any_difference_is_a_difference(change):
    entry = {
        "model": "m",
        "api_key": KEY,
        "http_client": object(),
        "temperature": 1,
        "stop": ["a"],
        "azure_ad_token": "t",
        "default_headers": {"Authorization": "x"},
        "price": 1,
    }
    assert parse(**entry).cache_key() != parse(**(entry | change)).cache_key()


def test_unhashable_and_odd_params_have_a_key():
    class Odd:
        __hash__ = None

    odd = Odd()
    assert parse(odd=odd, many={"a": {1, 2}}).cache_key() != parse(odd=odd, many={"a": {1, 2}}).cache_key()
    assert hash(parse(odd=odd)) == hash(parse(odd=odd))


def test_made_from_fields_as_well():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        config = ModelConfig(model="m", api_key=KEY, params={"temperature": 1})
    assert config == ModelConfig.parse({"model": "m", "api_key": KEY, "temperature": 1}, place="")
    with pytest.raises(ValidationError) as caught:
        ModelConfig(model="m", api_key=[KEY])
    assert KEY not in str(caught.value)
