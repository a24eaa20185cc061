"""A credential belongs to an origin: the table of cases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.config import ConfigEntry, ModelConfig, resolve
from quorate.config.origins import Origin, check_url, is_loopback, origin, shown
from quorate.errors import ConfigError, ConfigWarning
from quorate.records import ModelClientRecord

KEY = "sk-environment-0123456789"
HOME = "https://api.example.com/v1"
RECORD = ModelClientRecord(
    name="example",
    factory="nowhere:Client",
    base_url=HOME,
    base_url_env=("EXAMPLE_BASE_URL", "EXAMPLE_API_BASE"),
    api_key_env=("EXAMPLE_API_KEY", "EXAMPLE_KEY"),
)
HOMELESS = ModelClientRecord(
    name="homeless", factory="nowhere:Client", base_url_env=("EXAMPLE_BASE_URL",), api_key_env=("EXAMPLE_API_KEY",)
)
SET = {"EXAMPLE_API_KEY": KEY}


def resolved(entry, environ, record=RECORD):
    return resolve(ModelConfig.parse(entry, place="L[0]"), record, environ)


@pytest.mark.parametrize(
    "base_url",
    [
        None,
        HOME,
        "https://api.example.com",
        "https://API.Example.COM/v2",
        "https://api.example.com:443/other",
        "https://api.example.com./v1",
    ],
)
def test_the_environments_key_goes_to_the_default_origin(base_url):
    config = resolved({"model": "m", "base_url": base_url}, SET)
    assert config.api_key.get_secret_value() == KEY
    assert config.base_url == (base_url or HOME)
    assert config.sources["api_key"] == "environment variable EXAMPLE_API_KEY"
    assert config.sources["base_url"] == ("default of example" if base_url is None else "L[0]")


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.example.com/v1",  # another scheme
        "https://api.example.com:8443/v1",  # another port
        "http://api.example.com:443/v1",
        "https://example.com/v1",  # another host
        "https://api.example.com.evil.test/v1",
        "https://evil.test/api.example.com",
        "https://evil.test/?https://api.example.com/v1",
        "https://evil.test#api.example.com",
        "https://xn--pi-7ka.example.com/v1",
        "http://localhost:8000/v1",
        "http://127.0.0.1/v1",
    ],
)
@pytest.mark.parametrize("record", [RECORD, HOMELESS])
def test_and_to_no_other(base_url, record):
    config = resolved({"model": "m", "base_url": base_url}, SET, record)
    assert config.api_key is None
    assert config.base_url == base_url
    assert config.sources["api_key"].startswith("none: EXAMPLE_API_KEY goes to ")
    assert KEY not in str(dict(config.sources))


def test_an_endpoint_named_in_the_environment_gets_the_key_beside_it():
    environ = SET | {"EXAMPLE_BASE_URL": "https://proxy.test/v1"}
    for record in (RECORD, HOMELESS):
        config = resolved({"model": "m"}, environ, record)
        assert (config.base_url, config.api_key.get_secret_value()) == ("https://proxy.test/v1", KEY)
        assert config.sources["base_url"] == "environment variable EXAMPLE_BASE_URL"
        same = resolved({"model": "m", "base_url": "https://proxy.test/other"}, environ, record)
        assert same.api_key.get_secret_value() == KEY
        other = resolved({"model": "m", "base_url": "https://proxy.test:444/v1"}, environ, record)
        assert other.api_key is None
    assert (
        "https://proxy.test and https://api.example.com only"
        in resolved({"base_url": "https://x.test"}, environ).sources["api_key"]
    )


ALIASED = replace(RECORD, base_url_keys=("its_endpoint", "site"))


@pytest.mark.parametrize(
    ("entry", "endpoint", "has_key"),
    [
        ({"its_endpoint": "https://evil.test/v1"}, "https://evil.test/v1", False),
        ({"its_endpoint": f"{HOME}/other"}, f"{HOME}/other", True),
        ({"site": f" {HOME} "}, HOME, True),
        ({"its_endpoint": "https://proxy.test"}, "https://proxy.test", True),
        ({"its_endpoint": "https://proxy.test/", "base_url": "https://proxy.test"}, "https://proxy.test/", True),
        ({"its_endpoint": None}, "https://proxy.test/v1", True),
    ],
)
def test_an_endpoint_under_a_key_of_the_client_is_the_endpoint(entry, endpoint, has_key):
    environ = SET | {"EXAMPLE_BASE_URL": "https://proxy.test/v1"}
    config = resolved({"model": "m", "top_p": 1, **entry}, environ, ALIASED)
    assert (config.base_url, config.api_key is not None) == (endpoint, has_key)
    assert {key: value for key, value in config.params.items() if value is not None} == {"top_p": 1}
    assert resolve(config, ALIASED, environ).base_url == endpoint
    assert dict(resolve(config, ALIASED, environ).sources) == dict(config.sources), "twice is once"


def test_where_an_endpoint_under_a_key_of_the_client_is_from():
    entry = ConfigEntry({"model": "m", "site": HOME}, place="L[0]", sources="file L")
    assert resolved(entry, {}, ALIASED).sources["base_url"] == "file L, as site"
    assert resolved(entry, {}).base_url == HOME, "another client knows no such key"
    assert resolved(entry, {}).params == {"site": HOME}


@pytest.mark.parametrize("more", [{"base_url": "https://b.test"}, {"site": "https://b.test"}])
def test_two_endpoints_in_one_entry_are_refused(more):
    with pytest.raises(ConfigError, match=r"^L\[0\]\.(its_endpoint|site): says something else than base_url"):
        resolved({"model": "m", "its_endpoint": "https://a.test", **more}, {}, ALIASED)


def test_an_entrys_own_key_goes_where_the_entry_says():
    config = resolved({"model": "m", "api_key": "own", "base_url": "https://elsewhere.test"}, SET)
    assert config.api_key.get_secret_value() == "own"
    assert config.sources["api_key"] == "L[0]"


def test_the_first_variable_that_is_set_wins():
    environ = {"EXAMPLE_API_KEY": " ", "EXAMPLE_KEY": "second", "EXAMPLE_API_BASE": "https://second.test"}
    config = resolved({"model": "m"}, environ)
    assert (config.api_key.get_secret_value(), config.base_url) == ("second", "https://second.test")


def test_no_key_says_what_to_set():
    assert resolved({"model": "m"}, {}).sources["api_key"] == (
        "none: set EXAMPLE_API_KEY or EXAMPLE_KEY, or give api_key in the entry"
    )
    keyless = ModelClientRecord(name="local", factory="nowhere:Client")
    config = resolved({"model": "m"}, SET, keyless)
    assert (config.api_key, config.base_url) == (None, None)
    assert config.sources["api_key"] == "none: local reads no key from the environment"


def test_a_client_with_an_endpoint_of_its_own_gets_its_key():
    assert resolved({"model": "m"}, SET, HOMELESS).api_key.get_secret_value() == KEY


@pytest.mark.parametrize("host", ["gpu-box", "192.168.1.4", "proxy.test"])
def test_a_key_that_others_could_read_on_the_way_warns(host):
    with pytest.warns(ConfigWarning, match=f"EXAMPLE_API_KEY goes to http://{host}:8000 without encryption"):
        config = resolved({"model": "m"}, SET | {"EXAMPLE_BASE_URL": f"http://{host}:8000/v1"})
    assert config.api_key is not None


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:1/v1", "http://[::1]:8000/v1"])
def test_this_machine_needs_no_encryption(url):  # a warning would be an error here
    assert resolved({"model": "m"}, SET | {"EXAMPLE_BASE_URL": url}).api_key is not None


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"EXAMPLE_BASE_URL": KEY}, "environment variable EXAMPLE_BASE_URL: must be a full URL"),
        ({"EXAMPLE_API_KEY": f"{KEY}\n{KEY}"}, "environment variable EXAMPLE_API_KEY.api_key: holds a character"),
    ],
)
def test_a_malformed_variable_is_named_and_not_shown(environ, says):
    with pytest.raises(ConfigError) as caught:
        resolved({"model": "m"}, environ)
    assert str(caught.value).startswith(says)
    assert KEY not in str(caught.value)
    assert caught.value.__context__ is None


def test_the_config_itself_is_not_changed():
    config = ModelConfig.parse({"model": "m"}, place="L[0]")
    resolve(config, RECORD, SET)
    assert (config.api_key, config.base_url, dict(config.sources)) == (None, None, {"model": "L[0]"})


def test_the_processs_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("EXAMPLE_API_KEY", KEY)
    assert resolve(ModelConfig(model="m"), RECORD).api_key.get_secret_value() == KEY


# -- origins


@pytest.mark.parametrize(
    ("url", "expected", "text"),
    [
        ("https://a.test", Origin("https", "a.test", 443), "https://a.test"),
        ("HTTPS://A.Test:443/x?y", Origin("https", "a.test", 443), "https://a.test"),
        ("http://a.test:8000", Origin("http", "a.test", 8000), "http://a.test:8000"),
        ("http://[::1]:80/", Origin("http", "::1", 80), "http://[::1]"),
    ],
)
def test_origin(url, expected, text):
    assert origin(check_url(url)) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    "url",
    [
        "https://a.test\t.evil.test",
        "https://a.test\n",
        "https://a。test",
        "https://a.test\\@evil.test",
        "https://a.test@evil.test",
        "https://:@evil.test",
        "//a.test",
        "a.test:443",
        "https://[::1",
        "https://a.test:99999",
        "javascript:alert(1)",
        "",
        None,
        5,
    ],
)
def test_urls_that_could_mean_two_hosts_are_refused(url):
    if url == "https://a.test\n":
        assert check_url(url) == "https://a.test"
        return
    with pytest.raises(ValueError, match="must"):
        check_url(url)


def test_loopback():
    assert all(map(is_loopback, ["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "::1"]))
    assert not any(map(is_loopback, ["localhost.test", "10.0.0.1", "0.0.0.0", "notlocalhost", "127.0.0.1.test"]))


def test_a_query_is_not_shown():
    assert shown("https://a.test/v1?key=secret#x") == "https://a.test/v1?..."
    assert shown("https://a.test/v1#secret") == "https://a.test/v1"


def test_a_user_and_a_password_are_not_shown():
    assert shown("https://user:secret@a.test/v1") == shown("https://a@b:se@cret@a.test/v1") == "https://...@a.test/v1"
    assert shown("https://a.test/@home") == "https://a.test/@home"


@given(st.text())
def test_any_text_is_a_url_or_refused(text):
    try:
        url = check_url(text)
    except ValueError:
        return
    assert origin(url).scheme in ("http", "https")
    assert origin(url).host
