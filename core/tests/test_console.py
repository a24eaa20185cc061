"""The console: exact transcripts, colours on terminals alone, and text that appears once."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys

import pytest

from quorate import AssistantAgent, Console, ConversableAgent, CreateResult, ModelError, UserProxyAgent
from quorate.events import MessageSent, TextPart
from quorate.testing import ScriptedClient, isolated_kernel

CODE = "Let me see.\n```python\nprint(6 * 7)\n```"

MAIN_JOB = """\
user (to assistant):
What is 6 * 7?

assistant (to user):
Let me see.
```python
print(6 * 7)
```
[assistant: scripted, 7 + 8 tokens, free]

[user runs 1 code block (python)]
user (to assistant):
exitcode: 0 (execution succeeded)
Code output:{space}
42

assistant (to user):
It is 42. TERMINATE
[assistant: scripted, 22 + 4 tokens, free]

[chat of user and assistant ended: user took a termination message; cost: free]

""".format(space=" ")


@pytest.fixture
def shown():
    """Run a function with a kernel whose console writes to a text; gives the text."""

    def show(program, *plugins, out=None):
        out = out or io.StringIO()
        with isolated_kernel(*plugins, observers=[Console(out)]) as kernel:
            program(kernel)
        return out.getvalue() if isinstance(out, io.StringIO) else None

    return show


def quiet_agent(name, kernel, **options):
    return ConversableAgent(name, human_input_mode="NEVER", kernel=kernel, **options)


def blocking(user, assistant, **options):
    return user.initiate_chat(assistant, **options)


def native(user, assistant, **options):
    return asyncio.run(user.a_initiate_chat(assistant, **options))


def main_job(kernel, chat=blocking, **options):
    assistant = AssistantAgent("assistant", "Solve it.", llm_config={"model": "m"}, kernel=kernel)
    code = {"executor": "local"}
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=code, kernel=kernel)
    return chat(user, assistant, message="What is 6 * 7?", **options)


def model(*script):
    return ScriptedClient(script=script)


@pytest.mark.parametrize("chat", [blocking, native])
def test_the_transcript_of_the_main_job(shown, chat):
    assert shown(lambda kernel: main_job(kernel, chat), model(CODE, "It is 42. TERMINATE")) == MAIN_JOB


@pytest.mark.parametrize("chat", [blocking, native])
def test_text_is_written_as_it_comes(chat):
    """The model makes no further part until the last one is out."""
    out = io.StringIO()

    class Patient(ScriptedClient):
        async def create_stream(self, messages, **request):
            for part in ("one ", "two"):
                yield part
                while part not in out.getvalue():  # noqa: ASYNC110 - a text has no event to wait for
                    await asyncio.sleep(0.001)
            yield CreateResult("one two", cost=0.0)

    with isolated_kernel(Patient(script=[]), observers=[Console(out)]) as kernel:
        asked = quiet_agent("asked", kernel, llm_config={"model": "m"})
        chat(quiet_agent("user", kernel), asked, message="hello", max_turns=1)
    assert out.getvalue().count("one two") == 1


def test_silent_shows_nothing(shown):
    assert shown(lambda kernel: main_job(kernel, silent=True), model(CODE, "It is 42. TERMINATE")) == ""


def test_a_reply_without_a_stream_is_shown_once(shown):
    def program(kernel):
        config = {"config_list": [{"model": "m", "stream": False}]}
        asked = quiet_agent("asked", kernel, llm_config=config)
        quiet_agent("user", kernel).initiate_chat(asked, message="hello", max_turns=1)

    assert shown(program, model("three little words")).count("three little words") == 1


def test_a_reply_that_is_not_what_was_streamed_is_shown_too(shown):
    """A reply function may change what the model said; the terminal must not hide what was sent."""

    def program(kernel):
        asked = quiet_agent("asked", kernel, llm_config={"model": "m"})

        async def louder(recipient, messages, sender, config):
            _, reply = await recipient.a_generate_oai_reply(messages, sender)
            return True, reply.upper()

        asked.register_reply(lambda _: True, louder)
        quiet_agent("user", kernel).initiate_chat(asked, message="hello", max_turns=1)

    text = shown(program, model("quite loud"))
    assert "asked (to user):\nquite loud\n" in text
    assert "asked (to user):\nQUITE LOUD\n" in text


def test_tool_calls_and_prices(shown):
    call = {"id": "c", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    asking = CreateResult([call], finish_reason="tool_calls", cost=0.5, model="big")

    def program(kernel):
        asked = quiet_agent("asked", kernel, llm_config={"model": "m"})
        user = quiet_agent("user", kernel, function_map={"add": lambda a, b: a + b})
        user.initiate_chat(asked, message="1 + 2?", silent=False)

    assert shown(program, model(asking, CreateResult("3. TERMINATE", model="big"))) == (
        "user (to asked):\n1 + 2?\n\n"
        "[asked: big, $0.500000]\n"
        'asked (to user):\ncalls add({"a": 1, "b": 2})\n\n'
        "user (to asked):\n3\n\n"
        "asked (to user):\n3. TERMINATE\n[asked: big, unpriced]\n\n"
        "[chat of user and asked ended: user took a termination message; cost: unpriced]\n\n"
    )


def test_attempts_are_shown(shown):
    def program(kernel):
        config = {"config_list": [{"model": "a", "max_retries": 0}, {"model": "b"}]}
        asked = quiet_agent("asked", kernel, llm_config=config)
        quiet_agent("user", kernel).initiate_chat(asked, message="hello", max_turns=1)

    text = shown(program, model(ModelError("down", kind="network"), CreateResult("up", cost=0.0, cached=True)))
    assert "[asked: model, free, from the cache, 2 attempts]\n" in text


def test_automatic_replies_where_a_person_could_be_asked(shown):
    def program(kernel):
        proxy = ConversableAgent("proxy", default_auto_reply="go on", max_consecutive_auto_reply=9, kernel=kernel)
        quiet_agent("user", kernel).initiate_chat(proxy, message="hello", max_turns=1)

    assert "[proxy replies by itself]\nproxy (to user):\ngo on\n" in shown(program)


def test_a_malformed_call_is_shown_as_far_as_it_goes():
    out = io.StringIO()
    message = {"role": "assistant", "content": None, "tool_calls": [{"id": "c"}, {"function": {"name": "f"}}]}
    Console(out)(MessageSent(agent="a", recipient="b", message=message, source="model"))
    assert out.getvalue() == "a (to b):\ncalls None()\ncalls f()\n\n"


def test_texts_of_two_speakers_at_once_stay_readable():
    out = io.StringIO()
    console = Console(out)
    for agent, text in (("a", "from a"), ("b", "from b"), ("a", ", more")):
        console(TextPart(agent=agent, recipient="", text=text))
    assert out.getvalue() == "a:\nfrom a\nb:\nfrom b\na:\n, more"


def test_a_chat_that_fails_in_the_middle_of_a_text(shown):
    class Breaking(ScriptedClient):
        async def create_stream(self, messages, **request):
            yield "half a "
            raise ModelError("refused after all", kind="content_filter")
            yield "never"

    def program(kernel):
        asked = quiet_agent("asked", kernel, llm_config={"model": "m"})
        user = quiet_agent("user", kernel)
        with pytest.raises(ModelError):
            user.initiate_chat(asked, message="hello")
        asked.client = None
        user.initiate_chat(asked, message="again")

    assert shown(program, Breaking(script=[])) == (
        "user (to asked):\nhello\n\nasked (to user):\nhalf a \nuser (to asked):\nagain\n\n"
        "[chat of user and asked ended: asked had no reply; cost: free]\n\n"
    )


@pytest.mark.parametrize(
    ("encoding", "written"), [("utf-8", "é → 日"), ("ascii", "? ? ?"), ("latin-1", "é ? ?"), ("cp1252", "é ? ?")]
)
def test_a_terminal_of_another_encoding_shows_what_it_can(shown, encoding, written):
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding, newline="")
    shown(lambda kernel: quiet_agent("a", kernel).send("é → 日", quiet_agent("b", kernel)), out=out)
    assert raw.getvalue().decode(encoding) == f"a (to b):\n{written}\n\n"


def test_a_closed_output_stops_the_console_and_not_the_chat(shown):
    out = io.StringIO()
    out.close()
    with isolated_kernel(observers=[Console(out)]) as kernel:
        two = quiet_agent("two", kernel, default_auto_reply="hi")
        with pytest.warns(RuntimeWarning, match=r"observer .*Console.* was removed: ValueError"):
            chat = quiet_agent("one", kernel).initiate_chat(two, message="hello")
    assert len(chat.chat_history) == 2


PROGRAM = """
from quorate import Console, ConversableAgent
from quorate.testing import isolated_kernel
with isolated_kernel(observers=[Console()]) as kernel:
    one, two = (ConversableAgent(name, kernel=kernel) for name in ("one", "two"))
    one.send("hello", two)
"""
PLAIN, COLOURED = "one (to two):\nhello\n\n", "\x1b[1;36mone\x1b[0m (to two):\nhello\n\n"


def on_a_terminal(environment):
    """What the program writes to a real pseudo-terminal."""
    pty = pytest.importorskip("pty")
    main, terminal = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=terminal, stdin=terminal, env=environment) as child:
        os.close(terminal)
        assert child.wait(timeout=60) == 0
    written = b""
    try:
        while part := os.read(main, 4096):
            written += part
    except OSError:  # how Linux tells that the other end is closed
        pass
    finally:
        os.close(main)
    return written.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(("no_color", "shown_as"), [(None, COLOURED), ("", COLOURED), ("1", PLAIN), ("0", PLAIN)])
def test_colours_on_a_terminal(no_color, shown_as):
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    assert on_a_terminal(environment if no_color is None else {**environment, "NO_COLOR": no_color}) == shown_as


def test_no_colours_in_a_pipe():
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment)
    assert (done.stdout, done.stderr) == (PLAIN, "")


def test_it_can_be_told_to_write_elsewhere():
    first, second = io.StringIO(), io.StringIO()
    console = Console(first)
    console.out = second
    console(MessageSent(agent="a", recipient="b", message={"role": "user", "content": "Hi"}, source="program"))
    assert first.getvalue() == ""
    assert "Hi" in second.getvalue()
