"""Offering tools: who is told of a function, who runs it, and that nothing of the caller's is changed."""

from __future__ import annotations

from typing import Annotated

import pytest

from quorate import AgentError, CreateResult, ToolError, register_function
from quorate.testing import ScriptedClient


def add(a: Annotated[int, "the first"], b: int) -> int:
    return a + b


def names(schemas):
    return [schema["function"]["name"] for schema in schemas]


def calling(name, arguments="{}"):
    asked = {"id": "c1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return CreateResult([asked], finish_reason="tool_calls")


@pytest.fixture
def model_config(kernel):
    """A configuration whose model says hello for ever."""
    kernel.register(ScriptedClient(script=["hello"] * 9, name="scripted"), "plugin")
    return {"config_list": [{"model": "m", "client": "scripted"}]}


def test_a_function_is_offered_by_one_agent_and_run_by_another(thinker, agent, run):
    assistant, model = thinker("assistant", calling("add", '{"a": "20", "b": 22}'), "It is 42. TERMINATE")
    user = agent("user")
    register_function(add, caller=assistant, executor=user, description="Add two numbers.")
    chat = run(user.initiate_chat, assistant, message="20 + 22?")
    assert chat.chat_history[2]["content"] == "42"
    schema = {
        "type": "function",
        "function": {
            "name": "add",
            "description": "Add two numbers.",
            "parameters": {
                "type": "object",
                "properties": {"a": {"type": "integer", "description": "the first"}, "b": {"type": "integer"}},
                "required": ["a", "b"],
                "additionalProperties": False,
            },
        },
    }
    assert [request.tools for request in model.requests] == [(schema,), (schema,)]


def test_stacked_decorators_share_name_and_description(thinker, agent):
    one, _ = thinker("one")
    two, _ = thinker("two")
    user = agent("user")

    @user.register_for_execution()
    @two.register_for_llm()
    @one.register_for_llm(name="sum", description="Add two numbers.")
    def plus(a: int, b: int) -> int:
        return a + b

    assert plus(1, 2) == 3
    assert not vars(plus)
    assert names(one.tool_schemas) == names(two.tool_schemas) == list(user.function_map) == ["sum"]
    assert two.tool_schemas == one.tool_schemas
    assert user.function_map == {"sum": plus}


def test_the_last_name_holds(thinker, agent):
    assistant, _ = thinker("assistant")
    user = agent("user")
    user.register_for_execution("run_it")(add)
    assistant.register_for_llm(description="Add.")(add)
    assistant.register_for_llm(name="other")(add)
    user.register_for_execution()(add)
    assert names(assistant.tool_schemas) == ["run_it", "other"]
    assert list(user.function_map) == ["run_it", "other"]


def test_methods_share_their_names_too(thinker, agent):
    class Bank:
        def balance(self, name: str) -> str:
            """Look up a balance."""
            return f"{name}: 0"

    bank = Bank()
    assistant, _ = thinker("assistant")
    user = agent("user")
    assistant.register_for_llm(name="account")(bank.balance)
    user.register_for_execution()(bank.balance)
    assert list(user.function_map) == ["account"]


def test_a_docstring_describes_a_function(thinker):
    def greet(name: str) -> str:
        """Greet somebody.

        Args:
            name: whom to greet
        """
        return name

    assistant, _ = thinker("assistant")
    assistant.register_for_llm()(greet)
    function = assistant.tool_schemas[0]["function"]
    assert function["description"] == "Greet somebody."
    assert function["parameters"]["properties"]["name"]["description"] == "whom to greet"


def test_nothing_of_the_callers_is_changed_and_no_client_is_made_anew(agent, model_config):
    before = {"config_list": [dict(model_config["config_list"][0])]}
    one, two = agent("one", llm_config=model_config), agent("two", llm_config=model_config)
    client = one.client
    one.register_for_llm(description="Add.")(add)
    assert one.client is client
    assert model_config == before
    assert names(one.llm_config["tools"]) == ["add"]
    assert "tools" not in two.llm_config
    assert not two.tool_schemas


def test_tools_of_the_configuration_stay(agent, model_config, run, kernel):
    given = [{"type": "function", "function": {"name": "own", "description": "", "parameters": {}}}]
    assistant = agent("a", llm_config={**model_config, "tools": given, "functions": [{"name": "old"}]})
    assistant.register_for_llm(description="Add.")(add)
    assert names(assistant.tool_schemas) == ["own", "old", "add"]
    assert names(assistant.llm_config["tools"]) == ["own", "add"]
    assert assistant.llm_config["functions"] == [{"name": "old"}]
    assert names(given) == ["own"]


def test_signatures_by_hand_come_and_go(thinker, run):
    assistant, model = thinker("assistant", "one", "two", "three")
    messages = [{"role": "user", "content": "hello"}]
    function = {"name": "by_hand", "description": "By hand.", "parameters": {"type": "object", "properties": {}}}
    assistant.update_tool_signature({"type": "function", "function": function}, is_remove=False)
    assistant.update_function_signature({**function, "name": "older"}, is_remove=False)
    run(assistant.generate_reply, messages)
    assistant.update_tool_signature("by_hand", is_remove=True)
    run(assistant.generate_reply, messages)
    assistant.update_function_signature({**function, "name": "older"}, is_remove=True)
    run(assistant.generate_reply, messages)
    assert [names(request.tools) for request in model.requests] == [["by_hand", "older"], ["older"], []]


def test_a_tool_of_the_configuration_can_be_taken_out(agent, model_config, run, kernel):
    given = [{"type": "function", "function": {"name": "own", "description": "", "parameters": {}}}]
    assistant = agent("a", llm_config={**model_config, "tools": given})
    assistant.update_tool_signature("own", is_remove=True)
    run(assistant.generate_reply, [{"role": "user", "content": "hello"}])
    client = kernel.model_client(assistant.client.configs[0])
    assert client.requests[0].tools == ()


def test_the_older_style_is_listed_as_such_and_offered_as_a_tool(thinker):
    assistant, _ = thinker("assistant")
    assistant.register_for_llm(description="Add.", api_style="function")(add)
    assert [one["name"] for one in assistant.llm_config["functions"]] == ["add"]
    assert "tools" not in assistant.llm_config
    assert names(assistant.tool_schemas) == ["add"]


def test_names_that_a_model_made_up_go_back_as_endpoints_accept_them(thinker, agent, run):
    assistant, model = thinker("assistant", calling("functions.add", '{"a": 1, "b": 2}'), "TERMINATE")
    user = agent("user", function_map={"functions_add": add})
    run(user.initiate_chat, assistant, message="1 + 2?")
    asked, answer = model.requests[1].messages[-2:]
    assert asked["tool_calls"][0]["function"] == {"name": "functions_add", "arguments": '{"a": 1, "b": 2}'}
    assert answer["content"] == "3"


def test_another_model_client_has_tools_of_its_own(thinker, run):
    assistant, _ = thinker("assistant")
    assistant.register_for_llm(description="Add.")(add)
    other = ScriptedClient(script=["hello"])
    run(assistant.generate_oai_reply, [{"role": "user", "content": "hi"}], config=other)
    assert other.requests[0].tools == ()


# -- refused


def test_an_agent_without_a_model_offers_nothing(agent):
    user = agent("user")
    for refused in (
        lambda: user.register_for_llm(description="Add."),
        lambda: user.update_tool_signature("add", is_remove=True),
        lambda: user.update_function_signature({"name": "add"}, is_remove=False),
        lambda: register_function(add, caller=user, executor=user, description="Add."),
    ):
        with pytest.raises(AgentError, match=r"user: .* this agent has none; give it an llm_config"):
            refused()
    assert not user.function_map


def test_what_cannot_be_offered_is_refused_where_it_is_registered(thinker, agent):
    assistant, _ = thinker("assistant")
    user = agent("user")

    def bare(a): ...

    with pytest.raises(ToolError, match="add has no description"):
        assistant.register_for_llm()(add)
    with pytest.raises(ToolError, match="bare cannot be a tool: parameter 'a': it has no type"):
        register_function(bare, caller=assistant, executor=user, description="Bare.")
    with pytest.raises(ToolError, match="'a b' is no name for a tool"):
        register_function(add, caller=assistant, executor=user, name="a b", description="Add.")
    with pytest.raises(ToolError, match="'c d' is no name for a tool"):
        assistant.register_for_llm(name="c d", description="Add.")(add)
    with pytest.raises(ToolError, match="add has no description"):  # nothing is remembered of what was refused
        assistant.register_for_llm()(add)
    with pytest.raises(AgentError, match="api_style is 'tool' or 'function', not 'xml'"):
        assistant.register_for_llm(description="Add.", api_style="xml")
    with pytest.raises(AgentError, match=r"its schema, a dict, not 'add'; a name only takes one out"):
        assistant.update_tool_signature("add")
    with pytest.raises(AgentError, match="approve is 'human' or a function"):
        register_function(add, caller=assistant, executor=user, description="Add.", approve="person")
    assert not assistant.tool_schemas
    assert not user.function_map
