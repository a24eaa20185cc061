"""When a chat ends, and by whose words: termination messages, their sources, and stop reasons."""

from __future__ import annotations

import pytest

from quorate import ConversableAgent
from quorate.agents.person_backed import ends_with_terminate
from quorate.events import MessageSent

CODE = "```python\nprint('Done. TERMINATE')\n```"


@pytest.mark.parametrize(
    ("content", "ends"),
    [
        ("TERMINATE", True),
        (" TERMINATE", True),
        ("It is 42. TERMINATE", True),
        ("It is 42.\n\nTERMINATE\n", True),
        ("**TERMINATE**", True),
        ("`TERMINATE`.", True),
        ('"TERMINATE"', True),
        ("'TERMINATE'!", True),
        ("TERMINATE now", False),
        ("Say TERMINATE when you are done", False),
        ("UNTERMINATED", False),
        ("DETERMINATE", False),
        ("terminate", False),
        ("TERMINATED", False),
        ("", False),
        ("   ", False),
        (None, False),
        ([{"type": "text", "text": "done. TERMINATE"}], True),
        ([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "data:,"}}], False),
        ([], False),
    ],
)
def test_the_default(content, ends):
    assert ends_with_terminate({"role": "user", "content": content}) is ends


def test_a_models_word_ends_the_chat(thinker, agent, run):
    model, _ = thinker("model", "It is 42. TERMINATE")
    chat = run(agent("user").initiate_chat, model, message="What is 6 * 7?")
    assert [message["content"] for message in chat.chat_history] == ["What is 6 * 7?", "It is 42. TERMINATE"]
    assert (chat.stop_reason.kind, chat.stop_reason.agent) == ("termination_message", "user")
    assert str(chat.stop_reason) == "user took a termination message"


def test_a_custom_test_sees_the_message(talker, run):
    seen = []

    def says_bye(message):
        seen.append(dict(message))
        return message["content"].startswith("bye")

    user = talker("user", "what?", is_termination_msg=says_bye)
    chat = run(user.initiate_chat, talker("other", "TERMINATE", "bye now", "more"), message="hello")
    assert [message["content"] for message in chat.chat_history] == ["hello", "TERMINATE", "what?", "bye now"]
    assert seen == [{"role": "user", "content": text, "name": "other"} for text in ("TERMINATE", "bye now")]
    assert chat.stop_reason.kind == "termination_message"


def test_the_opening_message_ends_nothing(talker, run, texts):
    task = "Solve it, then say TERMINATE"
    chat = run(talker("user").initiate_chat, talker("other", "solved. TERMINATE"), message=task)
    assert texts(chat.chat_history) == [task, "solved. TERMINATE"]


def test_nor_does_the_opening_message_of_the_next_chat(talker, run, texts):
    """What is known of a reply must not stick to what the program says next."""
    user, other = talker("user"), talker("other", "one. TERMINATE", RuntimeError("broken"), "two. TERMINATE")
    run(user.initiate_chat, other, message="first")
    with pytest.raises(RuntimeError, match="broken"):
        run(user.initiate_chat, other, message="second TERMINATE")
    chat = run(user.initiate_chat, other, message="third TERMINATE")
    assert texts(chat.chat_history) == ["third TERMINATE", "two. TERMINATE"]


def test_code_output_ends_nothing(kernel, thinker, run, tmp_path):
    code = {"executor": "local", "work_dir": str(tmp_path)}
    user = ConversableAgent("user", human_input_mode="NEVER", code_execution_config=code, kernel=kernel)
    model, asked = thinker("model", CODE, "It printed its word. TERMINATE")
    chat = run(user.initiate_chat, model, message="go")
    assert chat.chat_history[2]["content"].endswith("Done. TERMINATE\n")
    assert len(asked.requests) == 2
    assert len(chat.chat_history) == 4


def test_a_tools_result_ends_nothing(thinker, agent, run):
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    from quorate import CreateResult

    model, asked = thinker("model", CreateResult([call], finish_reason="tool_calls"), "thank you. TERMINATE")
    chat = run(agent("user", function_map={"f": lambda: "TERMINATE"}).initiate_chat, model, message="go")
    assert [message["content"] for message in chat.chat_history] == ["go", None, "TERMINATE", "thank you. TERMINATE"]
    assert len(asked.requests) == 2


def test_a_persons_word_ends_the_chat(kernel, echo, run):
    class Person(ConversableAgent):
        def get_human_input(self, prompt):
            return "enough. TERMINATE"

    person = Person("person", human_input_mode="ALWAYS", kernel=kernel)
    chat = run(echo("you").initiate_chat, person, message="hello")
    assert [message["content"] for message in chat.chat_history] == ["hello", "enough. TERMINATE"]
    assert (chat.stop_reason.kind, chat.stop_reason.agent) == ("termination_message", "you")


def test_sources_are_told(kernel, thinker, talker, run, tmp_path):
    told = []
    kernel.observers.add(lambda event: told.append(event.source) if isinstance(event, MessageSent) else None)
    code = {"executor": "local", "work_dir": str(tmp_path)}
    user = ConversableAgent("user", human_input_mode="NEVER", code_execution_config=code, kernel=kernel)
    model, _ = thinker("model", CODE, "TERMINATE")
    run(user.initiate_chat, model, message="go")
    assert told == ["program", "model", "code", "model"]
    told.clear()
    run(user.initiate_chat, talker("speaker", "TERMINATE"), message="go")
    assert told == ["program", "function"]


def test_a_default_reply_that_asks_to_go_on_is_no_end(echo, agent, run):
    one = agent("one", default_auto_reply="Reply TERMINATE when you are done.", max_consecutive_auto_reply=2)
    chat = run(one.initiate_chat, echo("two"), message="go")
    assert len(chat.chat_history) == 6
    assert (chat.stop_reason.kind, chat.stop_reason.agent) == ("max_consecutive_auto_reply", "one")
    assert str(chat.stop_reason) == "one has replied by itself as often as it may"
