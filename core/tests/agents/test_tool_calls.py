"""Tool calls: run side by side, whatever they give or raise becomes a result that the model can act on."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from pydantic import BaseModel

from quorate import ConversableAgent, CreateResult, ToolError
from quorate.events import ToolEnded, ToolStarted


def call(name, arguments="{}", number=1):
    return {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": arguments}}


def asking(*calls):
    return [{"role": "assistant", "content": None, "tool_calls": list(calls)}]


def result_of(run, agent, name, arguments="{}"):
    reply = run(agent.generate_reply, asking(call(name, arguments)))
    (response,) = reply["tool_responses"]
    assert (reply["role"], reply["content"]) == ("tool", response["content"])
    assert (response["role"], response["tool_call_id"]) == ("tool", "c1")
    return response["content"]


class Point(BaseModel):
    x: int
    label: str


async def later(x):
    await asyncio.sleep(0)
    return f"later {x}"


@pytest.mark.parametrize(
    ("func", "arguments", "content"),
    [
        (lambda x: f"plain {x}", '{"x": 1}', "plain 1"),
        (later, '{"x": 1}', "later 1"),
        (lambda: "é", "", "é"),
        (lambda: 42, "{}", "42"),
        (lambda: None, "{}", "null"),
        (lambda: {"é": [1, 2.5]}, "{}", '{"é": [1, 2.5]}'),
        (lambda: Point(x=1, label="é"), "{}", '{"x":1,"label":"é"}'),
        (lambda: {1}, "{}", "[1]"),
        (lambda **given: sorted(given), '{"kind": 1, "func": 2, "self": 3}', '["func", "kind", "self"]'),
    ],
)
def test_results(agent, run, func, arguments, content):
    assert result_of(run, agent(function_map={"f": func}), "f", arguments) == content


def failing(x=0):
    raise ValueError(f"no such {x}")


def recursive():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("name", "arguments", "content"),
    [
        ("nonsense", "{}", "Error: no function is named 'nonsense'; there are: add, failing, recursive"),
        ("add", '{"a": 1', "Error: the arguments of add are not JSON"),
        ("add", "[1, 2]", "Error: the arguments of add are one JSON object, not list"),
        ("add", '{"a": 1}', "Error: the arguments of add do not fit: b: is missing"),
        ("add", '{"a": 1, "b": 2, "c": 3}', "Error: the arguments of add do not fit: c: is no argument of it"),
        ("failing", '{"x": 7}', "Error: failing failed with ValueError: no such 7"),
        ("recursive", "{}", "Error: recursive ran, but its result cannot be told: Circular reference"),
    ],
)
def test_what_goes_wrong_is_told_to_the_model_and_to_observers(kernel, agent, run, name, arguments, content):
    told = []
    kernel.observers.add(told.append)
    tools = {"add": lambda a, b: a + b, "failing": failing, "recursive": recursive}
    assert result_of(run, agent(function_map=tools), name, arguments).startswith(content)
    started, ended = told
    assert isinstance(started, ToolStarted)
    assert isinstance(ended, ToolEnded)
    assert started.call["function"]["name"] == name
    assert ended.failed
    assert str(ended.error) in ended.content
    assert ended.content.startswith(content)


def test_a_success_is_told(kernel, agent, run):
    told = []
    kernel.observers.add(told.append)
    result_of(run, agent(function_map={"f": lambda: "fine"}), "f")
    assert [type(event) for event in told] == [ToolStarted, ToolEnded]
    assert (told[1].content, told[1].failed, told[1].agent) == ("fine", False, "agent")


def test_calls_run_side_by_side(agent, run):
    """Each waits for all to have begun: one after the other, they would wait for ever."""
    together = threading.Barrier(3, timeout=20)
    made = agent(function_map={"meet": lambda n: f"{n} of {together.parties}, {together.wait() >= 0}"})
    reply = run(made.generate_reply, asking(*(call("meet", json.dumps({"n": n}), n) for n in range(3))))
    assert [one["content"] for one in reply["tool_responses"]] == [f"{n} of 3, True" for n in range(3)]
    assert [one["tool_call_id"] for one in reply["tool_responses"]] == ["c0", "c1", "c2"]
    assert reply["content"] == "0 of 3, True\n\n1 of 3, True\n\n2 of 3, True"


def test_async_calls_run_side_by_side(agent, run):
    together = asyncio.Barrier(3)

    async def meet():
        await together.wait()
        return "met"

    reply = run(agent(function_map={"meet": meet}).generate_reply, asking(*(call("meet", "{}", n) for n in range(3))))
    assert reply["content"] == "met\n\nmet\n\nmet"


def test_async_functions_are_run_by_a_blocking_reply_inside_a_running_loop(agent):
    """AutoGen 0.2 stopped here: "This event loop is already running"."""
    made = agent(function_map={"later": later})

    async def notebook():
        return made.generate_reply(asking(call("later", '{"x": 1}'), call("later", '{"x": 2}', 2)))

    assert asyncio.run(notebook())["content"] == "later 1\n\nlater 2"


def test_one_that_fails_leaves_the_others_whole(agent, run):
    made = agent(function_map={"f": lambda: "fine", "failing": failing})
    reply = run(made.generate_reply, asking(call("failing"), call("f", "{}", 2)))
    assert [one["content"].partition(":")[0] for one in reply["tool_responses"]] == ["Error", "fine"]


def test_a_tool_may_hold_a_chat(agent, echo, run):
    def consult():
        return echo("a").initiate_chat(echo("b"), message="hello", max_turns=1).summary

    assert result_of(run, agent(function_map={"consult": consult}), "consult") == "b 1"


def test_an_agent_without_tools_leaves_calls_to_others(agent, run):
    assert run(agent(default_auto_reply="not mine").generate_reply, asking(call("f"))) == "not mine"


def test_functions_come_and_go(agent, run):
    given = {"f": lambda: "f"}
    made = agent(function_map=given)
    made.register_function({"g": lambda: "g", "f": None})
    assert result_of(run, made, "g") == "g"
    assert result_of(run, made, "f").startswith("Error: no function is named 'f'; there are: g")
    assert list(given) == ["f"], "the caller's dict is the caller's"
    made.function_map["h"] = lambda: "h"  # which is the agent's, and the program's to change
    assert result_of(run, made, "h") == "h"
    made.function_map["h"] = lambda: "another"
    assert result_of(run, made, "h") == "another"


def test_another_function_of_the_same_name_is_said(agent):
    def f(): ...

    made = agent(function_map={"f": f})
    made.register_function({"f": f})
    with pytest.warns(UserWarning, match="agent: another function takes the place of 'f'"):
        made.register_function({"f": lambda: 1})


@pytest.mark.parametrize("name", ["", "a b", "a.b"])
def test_names_that_no_model_can_call_are_refused(agent, name):
    with pytest.raises(ToolError, match="no name for a tool"):
        agent(function_map={name: failing})


def test_a_function_without_a_name_needs_one(agent):
    with pytest.raises(ToolError, match="'<lambda>' is no name for a tool"):
        agent().register_for_execution()(lambda: 1)


def test_which_functions_an_agent_runs(agent):
    made = agent(function_map={"f": failing, "g": failing})
    assert made.can_execute_function("f")
    assert made.can_execute_function(["f", "g"])
    assert not made.can_execute_function(["f", "h"])
    assert not made.can_execute_function("fg")


def test_a_call_without_an_id_is_answered_without_one(agent, run):
    asked = {"type": "function", "function": {"name": "f", "arguments": "{}"}}
    reply = run(agent(function_map={"f": lambda: "fine"}).generate_reply, asking(asked))
    assert reply == {"role": "tool", "tool_responses": [{"role": "tool", "content": "fine"}], "content": "fine"}


def test_line_breaks_inside_json_are_what_they_mean(agent, run):
    made = agent(function_map={"f": lambda code: len(code.splitlines())})
    assert result_of(run, made, "f", '{"code": "one\\ntwo"}') == "2"
    assert result_of(run, made, "f", '{"code": "one\ntwo"}') == "2"


# -- the older form


def test_a_function_call_is_run_and_answered(agent, run):
    made = agent(function_map={"add": lambda a, b: a + b})
    said = {"role": "assistant", "content": None, "function_call": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    assert run(made.generate_reply, [said]) == {"name": "add", "role": "function", "content": "3"}


def test_a_function_call_goes_through_a_whole_chat(agent, talker, run):
    asks = {"content": "", "function_call": {"name": "f", "arguments": "{}"}}
    user, model = agent("user", function_map={"f": lambda: "fine"}), talker("model", asks, "TERMINATE")
    chat = run(user.initiate_chat, model, message="go")
    assert [(m["role"], m["content"]) for m in chat.chat_history] == [
        ("assistant", "go"),
        ("assistant", ""),
        ("function", "fine"),
        ("user", "TERMINATE"),
    ]
    assert chat.chat_history[2]["name"] == "f"


@pytest.mark.parametrize(
    ("name", "arguments", "went_well", "content"),
    [
        ("add", '{"a": 1, "b": 2}', True, "3"),
        ("add", '{"a": 1}', False, "Error: the arguments of add do not fit: b: is missing"),
        ("nonsense", "{}", False, "Error: no function is named 'nonsense'; there are: add"),
        ("picture", "{}", True, "<image 1>\n(Images can be seen in answer to tool_calls"),
    ],
)
def test_a_program_runs_a_function_as_a_model_would(agent, run, name, arguments, went_well, content):
    made = agent(function_map={"add": lambda a, b: a + b} | ({"picture": lambda: PNG} if name == "picture" else {}))
    done, message = run(made.execute_function, {"name": name, "arguments": arguments}, verbose=True)
    assert (done, message["name"], message["role"]) == (went_well, name, "function")
    assert message["content"].startswith(content)


# -- images

PNG = b"\x89PNG\r\n\x1a\n..."


def test_images_follow_the_results_where_the_wire_allows_them(kernel, thinker, agent, run):
    asked = CreateResult([call("plot"), call("text", "{}", 2)], finish_reason="tool_calls")
    model, client = thinker("model", asked, "I see. TERMINATE")
    user = agent("user", function_map={"plot": lambda: ["a plot", PNG], "text": lambda: "fine"})
    run(user.initiate_chat, model, message="Plot.")
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgouLi4="}}
    assert list(client.requests[1].messages[-3:]) == [
        {"role": "tool", "tool_call_id": "c1", "content": "a plot\n<image 1>"},
        {"role": "tool", "tool_call_id": "c2", "content": "fine"},
        {"role": "user", "content": [{"type": "text", "text": "<image 1> of plot:"}, part]},
    ]


def test_a_model_calls_a_tool_and_reads_its_result(kernel, thinker, run):
    asked = CreateResult([call("add", '{"a": 20, "b": 22}')], finish_reason="tool_calls")
    model, client = thinker("model", asked, "It is 42. TERMINATE")
    user = ConversableAgent("user", human_input_mode="NEVER", function_map={"add": lambda a, b: a + b}, kernel=kernel)
    chat = run(user.initiate_chat, model, message="20 + 22?")
    assert [(m["role"], m["content"]) for m in chat.chat_history] == [
        ("assistant", "20 + 22?"),
        ("assistant", None),
        ("tool", "42"),
        ("user", "It is 42. TERMINATE"),
    ]
    assert client.requests[1].messages[-1] == {"role": "tool", "tool_call_id": "c1", "content": "42"}
    assert client.requests[1].messages[-2]["tool_calls"] == [call("add", '{"a": 20, "b": 22}')]


def test_tools_of_a_config_go_with_every_call(thinker, kernel, run):
    schema = {"type": "function", "function": {"name": "add", "description": "", "parameters": {}}}
    _, model = thinker("unused", "one", "two")
    made = ConversableAgent(
        "a",
        human_input_mode="NEVER",
        llm_config={"config_list": [{"model": "m", "client": "model-of-unused"}], "tools": [schema]},
        kernel=kernel,
    )
    for _ in range(2):
        run(made.generate_reply, [{"role": "user", "content": "hello"}])
    assert [request.tools for request in model.requests] == [(schema,), (schema,)]
