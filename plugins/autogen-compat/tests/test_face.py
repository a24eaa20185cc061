"""What programs rely on that 0.2 had in its own way: defaults, exception types, shapes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from quorate import QuorateError, default_kernel


def test_errors_are_of_both_kinds(autogen: Any, model: Any) -> None:
    brain = model("Hi")
    plain, thinking = (
        autogen.ConversableAgent("plain"),
        autogen.ConversableAgent("thinking", llm_config=brain.llm_config),
    )
    other = autogen.ConversableAgent("other")
    for error, text, act in [
        (AssertionError, "needs messages", plain.generate_reply),
        (AssertionError, "offers tools to a model", lambda: plain.register_for_llm(description="x")),
        (AssertionError, "takes no hook", lambda: plain.register_hook("nothing", print)),
        (AssertionError, "llm_config is a dict", lambda: autogen.AssistantAgent("a", llm_config="gpt-4")),
        (ValueError, "is empty", lambda: autogen.AssistantAgent("a", llm_config={})),
        (ValueError, "is empty", lambda: autogen.AssistantAgent("a", llm_config={"config_list": []})),
        (ValueError, "trigger", lambda: plain.register_reply(None, lambda *_: (False, None))),
        (KeyError, "never talked", lambda: plain.last_message(other)),
        (
            AssertionError,
            "needs a model",
            lambda: plain.initiate_chat(other, message="", summary_method="reflection_with_llm"),
        ),
        (autogen.InvalidCarryOverType, "carryover", lambda: thinking.initiate_chat(other, message="", carryover=3)),
        (ValueError, "a message needs", lambda: plain.send({"name": "x"}, other)),
        (AssertionError, "key", lambda: autogen.get_config_list(["a", "b"], base_urls=["http://127.0.0.1"])),
        (FileNotFoundError, "NO_SUCH_LIST", lambda: autogen.config_list_from_json("NO_SUCH_LIST")),
        (ValueError, "redis", autogen.Cache.redis),
        (ValueError, "no key 'nonsense'", lambda: autogen.Cache({"nonsense": 1})),
        (ValueError, "either messages or prompt", thinking.client.create),
    ]:
        with pytest.raises(error, match=f"(?i){text}") as caught:
            act()
        assert isinstance(caught.value, QuorateError)


def test_answers_are_cached_unless_told_otherwise(autogen: Any, model: Any) -> None:
    brain = model("First.", "Second.", "Third.")
    for seed, said in [
        ({}, "First."),
        ({}, "First."),
        ({"cache_seed": None}, "Second."),
        ({"cache_seed": 1}, "Third."),
    ]:
        given = {**brain.llm_config, **seed}
        before = copy.deepcopy(given)
        agent = autogen.AssistantAgent("agent", llm_config=given)
        assert agent.generate_reply([{"role": "user", "content": "Say."}]) == said
        assert given == before


def test_a_class_gives_its_agents_a_model(autogen: Any, model: Any) -> None:
    class Bound(autogen.AssistantAgent):  # type: ignore[misc]
        DEFAULT_CONFIG = model("Hello.").llm_config

    assert Bound("bound").generate_reply([{"role": "user", "content": "Say."}]) == "Hello."
    assert Bound("without", llm_config=False).client is None


def test_code_execution_without_a_word_on_it_warns(autogen: Any) -> None:
    with pytest.warns(DeprecationWarning, match="code_execution_config=None"):
        agent = autogen.ConversableAgent("agent", code_execution_config=None)
    assert agent.code_execution is not None
    assert autogen.UserProxyAgent("user", code_execution_config={"use_docker": False}).use_docker is False
    assert autogen.UserProxyAgent("user").use_docker is None


def test_a_wrapper_judges_and_chooses(autogen: Any, model: Any) -> None:
    first, second = model("bad", "bad"), model("good", "bad")
    asked: list[Any] = []

    def judge(context: Any, response: Any) -> bool:
        asked.append(autogen.OpenAIWrapper.extract_text_or_completion_object(response))
        return response.choices[0].message.content == context["wanted"]

    client = autogen.OpenAIWrapper(config_list=[*first.config_list, *second.config_list], cache_seed=None)
    response = client.create(prompt="Say.", filter_func=judge, context={"wanted": "good"})
    assert (response.config_id, response.pass_filter, asked) == (1, True, [["bad"], ["good"]])
    assert client.create(prompt="Say.", filter_func=judge, context={"wanted": "good"}).pass_filter is False
    assert client.total_usage_summary["total_cost"] == 1.0
    client.clear_usage_summary()
    assert client.total_usage_summary is None


def test_what_a_call_names_wins_over_the_list(autogen: Any, model: Any) -> None:
    brain = model("Hi", "Hi")
    client = autogen.OpenAIWrapper(config_list=[{**brain.config_list[0], "temperature": 1}], cache_seed=None)
    client.create(prompt="Say.", temperature=0, model="other", agent=object())
    client.create(prompt="{name}?", context={"name": "you"}, allow_format_str_template=True)

    assert (brain.asked[0]["temperature"], brain.asked[0]["model"]) == (0, "other")
    assert "agent" not in brain.asked[0]
    assert brain.asked[1]["messages"][0]["content"] == "you?"


def test_a_rate_limit_is_kept_and_not_sent(autogen: Any, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("quorate_autogen_compat.oai.rate_limiters.time.sleep", waits.append)
    brain = model("One.", "Two.")
    config = {"config_list": [{**brain.config_list[0], "api_rate_limit": 0.01}], "cache_seed": None}
    agent = autogen.AssistantAgent("agent", llm_config=config)
    for text in ("a", "b"):
        agent.generate_reply([{"role": "user", "content": text}])

    assert waits[0] == 0
    assert 90 < waits[1] <= 100
    assert all("api_rate_limit" not in asked for asked in brain.asked)
    assert config["config_list"][0]["api_rate_limit"] == 0.01


def test_a_cache_in_memory(autogen: Any, model: Any) -> None:
    from autogen.cache.in_memory_cache import InMemoryCache

    brain = model("Once.")
    agent = autogen.AssistantAgent("agent", llm_config={**brain.llm_config, "cache": InMemoryCache()})
    said = [agent.generate_reply([{"role": "user", "content": "Say."}]) for _ in range(2)]
    assert (said, len(brain.asked)) == (["Once.", "Once."], 1)


def test_images_stand_in_texts(autogen: Any, model: Any, tmp_path: Any) -> None:
    from autogen.agentchat.contrib.img_utils import get_image_data
    from autogen.agentchat.contrib.multimodal_conversable_agent import MultimodalConversableAgent

    picture = b"\x89PNG\r\n\x1a\n" + bytes(8)
    (tmp_path / "cat.png").write_bytes(picture)
    brain = model("A cat.")
    seeing = MultimodalConversableAgent("seeing", llm_config=brain.llm_config)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(seeing, message=f"What is <img {tmp_path / 'cat.png'}>?", max_turns=1)

    text, image, rest = brain.asked[0]["messages"][-1]["content"]
    assert (text["text"], rest["text"]) == ("What is ", "?")
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    assert get_image_data(tmp_path / "cat.png", use_b64=False) == picture


def test_config_lists_are_read_and_filtered(autogen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[{"model": "gpt-4", "api_key": "sk-1", "tags": ["tool"]}, {"model": "gpt-3.5-turbo", "api_key": "sk-2"}]'
    monkeypatch.setenv("OAI_CONFIG_LIST", text)
    config_list = autogen.config_list_from_json("OAI_CONFIG_LIST", filter_dict={"model": ["gpt-4"]})

    assert [one["model"] for one in config_list] == ["gpt-4"]
    assert autogen.filter_config(config_list, {"tags": ["tool"]}) == config_list
    assert "sk-1" not in repr(config_list)


def test_a_message_limit_by_tokens(autogen: Any) -> None:
    from autogen.agentchat.contrib.capabilities import transforms
    from autogen.agentchat.contrib.capabilities.transforms_util import count_text_tokens

    long = {"role": "user", "content": "word " * 500, "name": "a"}
    messages = [long, {"role": "user", "content": "short"}]
    limiter = transforms.MessageTokenLimiter(max_tokens_per_message=50)
    cut = limiter.apply_transform(copy.deepcopy(messages))

    assert count_text_tokens(cut[0]["content"]) <= 60
    assert limiter.get_logs(messages, cut)[1] is True
    kept = transforms.MessageTokenLimiter(max_tokens_per_message=50, filter_dict={"name": ["a"]}, exclude_filter=True)
    assert kept.apply_transform(messages) == messages
    assert transforms.MessageHistoryLimiter().apply_transform(messages) == messages
    del autogen


def test_checks_of_parameters(autogen: Any) -> None:
    from autogen.oai.client_utils import should_hide_tools, validate_parameter

    assert validate_parameter({"n": 3}, "n", int, False, 1, (0, 5), None) == 3
    with pytest.warns(UserWarning, match="n cannot be 9"):
        assert validate_parameter({"n": 9}, "n", int, False, 1, (0, 5), None) == 1
    tools = [{"function": {"name": name}} for name in ("a", "b")]
    run = [
        {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "a"}}]},
        {"role": "tool", "tool_call_id": "1"},
    ]
    hidden = [should_hide_tools(run, tools, how) for how in ("never", "if_any_run", "if_all_run")]
    assert hidden == [False, True, False]
    del autogen


def test_a_registered_class_serves_every_agent(autogen: Any, model: Any) -> None:
    brain = model("Hi", "Hi")
    agents = [autogen.AssistantAgent(name, llm_config={**brain.llm_config, "cache_seed": None}) for name in "ab"]
    assert [agent.generate_reply([{"role": "user", "content": "Say."}]) for agent in agents] == ["Hi", "Hi"]
    assert agents[0].kernel is default_kernel()
