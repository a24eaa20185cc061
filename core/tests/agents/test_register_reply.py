"""register_reply: whom a reply function answers, in which order, with which configuration."""

from __future__ import annotations

import asyncio

import pytest

from quorate import Agent, AgentError, AssistantAgent, ConversableAgent, ReplyFunctionRecord, UnknownName, hookimpl
from quorate.testing import isolated_kernel

HELLO = [{"role": "user", "content": "hello"}]


def answers(recipient, messages, sender, config):
    return True, "answered"


class Special(ConversableAgent):
    """A class to be triggered by."""


class Foreign:
    """An agent that is none of ours: it only has what the protocol asks for."""

    name = "foreign"
    description = ""

    async def a_send(self, message, recipient, request_reply=None, silent=False):
        await recipient.a_receive(message, self, request_reply, silent)

    async def a_receive(self, message, sender, request_reply=None, silent=False):
        """Take it."""

    async def a_generate_reply(self, messages=None, sender=None, **kwargs):
        return None


@pytest.fixture
def senders(kernel):
    return {
        "none": None,
        "plain": ConversableAgent("plain", kernel=kernel),
        "special": Special("special", kernel=kernel),
        "foreign": Foreign(),
    }


@pytest.mark.parametrize(
    ("trigger", "answered"),
    [
        (Agent, "plain special foreign"),
        (ConversableAgent, "plain special"),
        (Special, "special"),
        (AssistantAgent, ""),
        ("plain", "plain"),
        ("nobody", ""),
        (lambda sender: sender.name.startswith("p"), "plain"),
        (lambda _: False, ""),
        ([Agent, None], "none plain special foreign"),
        ([None], "none"),
        ([], ""),
        (["plain", Special], "plain special"),
        ([["special", None], lambda sender: sender.name == "foreign"], "none special foreign"),
        ((Special, None), "none special"),
    ],
)
def test_every_form_of_trigger(agent, senders, trigger, answered):
    recipient = agent()
    recipient.register_reply(trigger, answers)
    found = [name for name, sender in senders.items() if recipient.generate_reply(HELLO, sender) == "answered"]
    assert found == answered.split()


def test_an_agent_as_trigger_is_that_very_agent(agent, kernel):
    one, namesake = (ConversableAgent("one", kernel=kernel) for _ in range(2))
    recipient = agent()
    recipient.register_reply(one, answers)
    assert recipient.generate_reply(HELLO, one) == "answered"
    assert recipient.generate_reply(HELLO, namesake) is None
    assert recipient.generate_reply(HELLO) is None


@pytest.mark.parametrize("trigger", [None, 3, [3], [["name", 1.5]]])
def test_what_is_no_trigger_is_refused_and_changes_nothing(agent, trigger):
    recipient = agent()
    recipient.register_reply([Agent, None], answers)
    with pytest.raises(AgentError, match=r"a trigger is an agent, a class, a name, a function, or a list of these"):
        recipient.register_reply(trigger, lambda *_: (True, "other"), remove_other_reply_funcs=True)
    assert recipient.generate_reply(HELLO) == "answered"


def test_none_as_trigger_says_how_to_write_it(agent):
    with pytest.raises(AgentError, match=r"write \[Agent, None\] to answer also when there is no sender"):
        agent().register_reply(None, answers)


def test_a_trigger_function_must_give_a_bool(agent):
    recipient, sender = agent("r"), agent("s")
    recipient.register_reply(lambda sender: sender.name, answers)
    with pytest.raises(AgentError, match=r"gave 's' for 's'; a trigger function gives True or False"):
        recipient.generate_reply(HELLO, sender)


@pytest.mark.parametrize("func", [None, 42, ["f"]])
def test_what_is_no_reply_function_is_refused(agent, func):
    with pytest.raises(AgentError, match="a reply function is a function"):
        agent().register_reply([Agent, None], func)


def saying(text):
    return lambda recipient, messages, sender, config: (True, text)


def test_the_latest_is_asked_first_and_position_says_otherwise(agent):
    recipient = agent()
    recipient.register_reply([Agent, None], saying("first registered"))
    recipient.register_reply([Agent, None], saying("second registered"))
    assert recipient.generate_reply(HELLO) == "second registered"
    recipient.register_reply([Agent, None], saying("last"), position=len(recipient.replies))
    recipient.register_reply([Agent, None], saying("behind the first"), position=1)
    assert recipient.generate_reply(HELLO) == "second registered"


def test_false_goes_on_to_the_next_in_order(agent, run):
    asked = []

    def note(name, *, final):
        def func(recipient, messages, sender, config):
            asked.append(name)
            return final, name

        return func

    recipient = agent()
    for name, final in (("d", True), ("c", True), ("b", False), ("a", False)):
        recipient.register_reply([Agent, None], note(name, final=final))
    assert run(recipient.generate_reply, HELLO) == "c"
    assert asked == ["a", "b", "c"]


def test_a_final_none_is_an_answer(agent, run):
    recipient = agent(default_auto_reply="by default")
    recipient.register_reply([Agent, None], lambda *_, **__: (True, None))
    assert run(recipient.generate_reply, HELLO) is None


@pytest.mark.parametrize("answer", ["text", None, (True,), (True, "a", "b"), [True, "a"], (True, 42), (True, ["a"])])
def test_an_answer_of_the_wrong_shape_names_agent_and_function(agent, run, answer):
    def wrong_shape(recipient, messages, sender, config):
        return answer

    recipient = agent("careful")
    recipient.register_reply([Agent, None], wrong_shape)
    with pytest.raises(AgentError, match=r"careful: the reply function .*wrong_shape gave .*\(final, reply\)"):
        run(recipient.generate_reply, HELLO)


async def later(recipient, messages, sender, config):
    await asyncio.sleep(0)
    return True, f"later, {recipient.name}, {len(messages)}, {sender}, {config}"


class Callable:
    def __call__(self, recipient, messages, sender, config):
        return True, f"object, {config}"


class AsyncCallable:
    async def __call__(self, recipient, messages, sender, config):
        await asyncio.sleep(0)
        return True, f"async object, {config}"


@pytest.mark.parametrize(
    ("func", "said"),
    [
        (later, "later, agent, 1, None, 7"),
        (lambda recipient, messages, sender, config: (True, f"plain, {config}"), "plain, 7"),
        (Callable(), "object, 7"),
        (AsyncCallable(), "async object, 7"),
    ],
)
def test_plain_and_async_functions_and_objects_in_both_modes(agent, run, func, said):
    recipient = agent()
    recipient.register_reply([Agent, None], func, config=7)
    assert run(recipient.generate_reply, HELLO) == said


def test_a_method_of_a_subclass_is_a_reply_function(kernel, run):
    class Polite(ConversableAgent):
        def __init__(self, name):
            super().__init__(name, human_input_mode="NEVER", kernel=kernel)
            self.register_reply([Agent, None], Polite.thank)

        def thank(self, messages=None, sender=None, config=None):
            return True, f"{self.name} thanks"

    assert run(Polite("p").generate_reply, HELLO) == "p thanks"


def test_the_config_is_a_copy_that_reset_restores(agent):
    given = {"seen": 0}

    def count(recipient, messages, sender, config):
        config["seen"] += 1
        return True, str(config["seen"])

    recipient = agent()
    recipient.register_reply([Agent, None], count, config=given)
    assert [recipient.generate_reply(HELLO) for _ in range(2)] == ["1", "2"]
    assert given == {"seen": 0}
    recipient.reset()
    assert recipient.generate_reply(HELLO) == "1"


def test_reset_config_is_called_with_the_config_instead(agent):
    def count(recipient, messages, sender, config):
        config["seen"] += 1
        return True, str(config["seen"])

    recipient = agent()
    recipient.register_reply(
        [Agent, None], count, config={"seen": 0}, reset_config=lambda config: config.update(seen=10)
    )
    recipient.generate_reply(HELLO)
    recipient.reset()
    assert recipient.generate_reply(HELLO) == "11"


def test_remove_other_reply_funcs(agent):
    recipient = agent()
    recipient.register_reply([Agent, None], saying("old"))
    recipient.register_reply("somebody", saying("new"), remove_other_reply_funcs=True)
    assert len(recipient.replies) == 1
    assert recipient.generate_reply(HELLO) is None


def test_names_from_plugins(run):
    class Plugin:
        @hookimpl
        def quorate_reply_functions(self):
            yield ReplyFunctionRecord(name="greeting", factory=later, summary="Greets")

    with isolated_kernel(Plugin()) as kernel:
        recipient = ConversableAgent("r", human_input_mode="NEVER", kernel=kernel)
        assert run(recipient.generate_reply, HELLO) is None, "installed is not attached"
        recipient.register_reply([Agent, None], "greeting", config="c")
        assert run(recipient.generate_reply, HELLO) == "later, r, 1, None, c"
        recipient.register_reply([Agent, None], "greeting@plugin-1", config="d")
        assert run(recipient.generate_reply, HELLO) == "later, r, 1, None, d"
        with pytest.raises(UnknownName, match=r"greting.*greeting"):
            recipient.register_reply([Agent, None], "greting", remove_other_reply_funcs=True)
        assert run(recipient.generate_reply, HELLO) == "later, r, 1, None, d"


def test_exclude(agent, run):
    recipient = agent()
    one, two = saying("one"), saying("two")
    recipient.register_reply([Agent, None], two)
    recipient.register_reply([Agent, None], one)
    assert run(recipient.generate_reply, HELLO, exclude=[one]) == "two"
    assert run(recipient.generate_reply, HELLO, exclude=[one, two]) is None


@pytest.mark.parametrize("name", ["generate_oai_reply", "a_generate_oai_reply"])
def test_either_name_of_a_default_function_excludes_and_replaces_it(thinker, run, name):
    recipient, model = thinker("r", "the model's")
    assert run(recipient.generate_reply, HELLO, exclude=[getattr(ConversableAgent, name)]) is None
    recipient.replace_reply_func(getattr(ConversableAgent, name), saying("replaced"))
    assert run(recipient.generate_reply, HELLO) == "replaced"
    assert model.requests == []


def test_replace_keeps_place_trigger_and_config(agent):
    def with_config(recipient, messages, sender, config):
        return True, f"new, {config}"

    recipient, sender = agent("r"), agent("s")
    old = saying("old")
    recipient.register_reply("s", old, config=3)
    recipient.replace_reply_func(old, with_config)
    assert recipient.generate_reply(HELLO, sender) == "new, 3"
    assert recipient.generate_reply(HELLO) is None


def test_the_faq_callback_sees_each_message_and_changes_nothing(agent, talker, run, capsys):
    """The example of AutoGen 0.2's FAQ, "How to register a reply function", with its print completed."""
    seen = []

    def print_messages(recipient, messages, sender, config):
        if "callback" in config and config["callback"] is not None:
            callback = config["callback"]
            callback(sender, recipient, messages[-1])
        print(f"Messages sent to: {recipient.name} | num messages: {len(messages)}")
        return False, None

    def callback(sender, recipient, message):
        seen.append((sender.name, recipient.name, message["content"], message["role"]))

    user, assistant = talker("user", "how are you?"), talker("assistant", "hi", "fine")
    user.register_reply([Agent, None], print_messages, config={"callback": callback})
    assistant.register_reply([Agent, None], reply_func=print_messages, config={"callback": None})
    chat = run(user.initiate_chat, assistant, message="hello")
    assert [message["content"] for message in chat.chat_history] == ["hello", "hi", "how are you?", "fine"]
    assert seen == [("assistant", "user", "hi", "user"), ("assistant", "user", "fine", "user")]
    shown = ["assistant | num messages: 1", "user | num messages: 2"]
    shown += ["assistant | num messages: 3", "user | num messages: 4"]
    assert capsys.readouterr().out == "".join(f"Messages sent to: {line}\n" for line in shown)
