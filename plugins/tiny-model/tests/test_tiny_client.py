"""The client: answers, streaming, the guard, tools, limits, cancellation."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import warnings

import anyio.to_thread
import pytest

from quorate.config import ModelConfig
from quorate.errors import MessageError, ModelError
from quorate.models import ChatCompletionClient, CreateResult
from quorate_tiny_model._answer import DONE, FAILED, HELP, LONGEST_ANSWER
from quorate_tiny_model._client import TinyModelClient

ASKED = {"role": "user", "content": "What is 37 * 54?"}
CODE = {"role": "assistant", "content": "```python\nprint(37 * 54)\n```"}
REFUSED = {"role": "user", "content": "What is the capital of France?"}
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
    },
}


def output(text, code=0):
    word = "failed" if code else "succeeded"
    return {"role": "user", "content": f"exitcode: {code} (execution {word})\nCode output: \n{text}\n"}


def create(messages, **arguments) -> CreateResult:
    return asyncio.run(TinyModelClient().create(messages, **arguments))


def streamed(messages, **arguments):
    async def collect():
        return [part async for part in TinyModelClient().create_stream(messages, **arguments)]

    return asyncio.run(collect())


def test_the_main_job():
    first = create([ASKED])
    code = re.fullmatch(r"```python\n(.*)\n```", first.content, re.DOTALL).group(1)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    last = create([ASKED, first.message, output(printed.getvalue().strip())])
    assert "1998" in last.content
    assert last.content.endswith("TERMINATE")


def test_it_is_a_client_of_the_kernels_protocol():
    client = TinyModelClient(ModelConfig.parse({"model": "tiny", "client": "tiny"}, place="test"))
    assert isinstance(client, ChatCompletionClient)
    assert client.model_info.tools is True
    assert client.model_info.context_length == 1024


@pytest.mark.parametrize(
    "messages", [[ASKED], [ASKED, CODE, output("1998")], [REFUSED], [ASKED, CODE, output("naïve ☕ 🙂")]]
)
def test_a_stream_is_the_answer_in_pieces(messages):
    *parts, result = streamed(messages)
    assert all(isinstance(part, str) and part for part in parts)
    assert "".join(parts) == result.content == create(messages).content
    assert result.usage == create(messages).usage


def test_a_stream_comes_token_by_token():
    *parts, _ = streamed([ASKED])
    assert len(parts) > 6


def test_a_character_of_several_tokens_is_one_piece(engine):
    text = "☕ naïve 🙂"
    ids = engine.tokenizer.encode(text)
    assert len(ids) > len(text)
    pieces = engine._pieces(ids)
    assert "".join(pieces) == text
    assert "\ufffd" not in "".join(pieces)


def test_equal_messages_give_equal_answers_whatever_the_sampling():
    answers = {
        create([ASKED], temperature=temperature, seed=seed).content for temperature in (0, 1, 2) for seed in (1, 2)
    }
    assert len(answers) == 1


def test_at_once_is_the_same_as_one_after_another():
    questions = [[{"role": "user", "content": f"What is {n} + {n * 7}?"}] for n in range(11, 31)]

    async def together():
        client = TinyModelClient()
        return await asyncio.gather(*(client.create(question) for question in questions))

    assert [r.content for r in asyncio.run(together())] == [create(question).content for question in questions]


def test_what_it_cannot_do_gets_the_help_text():
    assert create([REFUSED]).content == HELP
    assert "demonstration model" in HELP


def test_an_unsure_answer_gives_way_to_a_fixed_text(engine):
    gone = engine.answer([ASKED], guard=1.1)
    assert (gone.text, gone.guarded) == (HELP, True)
    assert engine.answer([ASKED, CODE, output("1998")], guard=1.1).text == DONE
    assert engine.answer([ASKED, CODE, output("x", 1)], guard=1.1).text == FAILED
    assert engine.answer([ASKED], guard=0.0).guarded is False


def test_nothing_doubtful_is_streamed(engine):
    """A prompt whose unguarded answer is not the help text, and whose guarded answer is."""
    for content in (
        "apple 5 7 banana twice",
        "fold 12 socks",
        "how red is 7 and 9",
        "first 5 of 3 and 4 by 6",
        "is 5 apples",
        "word 12 12 sum x",
        "sum my 3 cats 4",
        "the 5 the 9 the 2 largest",
    ):
        messages = [{"role": "user", "content": content}]
        if engine.answer(messages, guard=0.0).text != HELP and engine.answer(messages).guarded:
            *parts, result = streamed(messages)
            assert "".join(parts) == result.content == HELP
            return
    pytest.fail("none of the prompts makes the model doubtful any more; find another")


def test_an_error_is_recognised():
    assert create([ASKED, CODE, output("NameError: name 'x' is not defined", 1)]).content == FAILED


def test_a_long_output_is_cut():
    assert create([ASKED, CODE, output("1234567890 " * 500)]).content == DONE


def test_a_tool_is_called_and_its_result_read():
    asked = {"role": "user", "content": "Call add with a=31, b=4"}
    result = create([asked], tools=[ADD])
    assert result.finish_reason == "tool_calls"
    (call,) = result.content
    assert call["function"]["name"] == "add"
    assert json.loads(call["function"]["arguments"]) == {"a": 31, "b": 4}
    answered = {"role": "tool", "tool_call_id": call["id"], "content": "35"}
    assert "35" in create([asked, result.message, answered], tools=[ADD]).content


def test_a_tool_call_is_not_streamed_as_text():
    (result,) = streamed([{"role": "user", "content": "Call add with a=31, b=4"}], tools=[ADD])
    assert result.finish_reason == "tool_calls"


def test_tool_choice():
    asked = [{"role": "user", "content": "Call add with a=31, b=4"}]
    assert isinstance(create(asked, tools=[ADD], tool_choice="none").content, str)
    assert create(asked, tools=[ADD], tool_choice="add").finish_reason == "tool_calls"
    with pytest.raises(ModelError, match="'divide'") as caught:
        create(asked, tools=[ADD], tool_choice="divide")
    assert caught.value.kind == "bad_request"


def test_a_tool_that_is_not_on_offer_is_not_called(engine):
    answer = engine.answer([{"role": "user", "content": "Call add with a=31, b=4"}], [], guard=0.0)
    assert "<tool_call>" not in answer.text


@pytest.mark.parametrize("content", ["12 + " * 600, "word " * 5000, "x" * 200_000])
def test_a_prompt_beyond_the_context_is_refused(content):
    with pytest.raises(ModelError, match="reads up to") as caught:
        create([{"role": "user", "content": content}])
    assert caught.value.kind == "context_overflow"
    with pytest.raises(ModelError):
        streamed([{"role": "user", "content": content}])


def test_a_long_conversation_does_not_fill_the_context():
    history = [
        message
        for n in range(200)
        for message in (ASKED, CODE, output(str(n)), {"role": "assistant", "content": "TERMINATE"})
    ]
    assert create([*history, ASKED]).content == create([ASKED]).content


def test_a_json_schema_is_refused():
    with pytest.raises(ModelError) as caught:
        create([ASKED], response_format={"type": "json_object"})
    assert caught.value.kind == "bad_request"


def test_an_image_is_refused():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    with pytest.raises(ModelError, match="no image_url") as caught:
        create([{"role": "user", "content": [{"type": "text", "text": "What is 1 + 1?"}, image]}])
    assert caught.value.kind == "bad_request"


def test_what_is_no_message_is_refused():
    with pytest.raises(MessageError):
        create(["hello"])


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "system", "content": "x"}],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": [{"type": "text", "text": "What is 37 * 54?"}]}],
    ],
)
def test_odd_messages_are_answered(messages):
    assert create(messages).content


def test_usage_counts_tokens(engine, reference):
    result = create([ASKED])
    assert result.usage.prompt_tokens == len(reference["conversations"][0]["prompt"])
    assert result.usage.completion_tokens == len(reference["conversations"][0]["answer"])
    assert result.cost == 0.0


def test_max_tokens_is_kept():
    result = create([ASKED], max_tokens=3)
    assert result.finish_reason == "length"
    assert result.usage.completion_tokens == 3
    assert create([ASKED]).content.startswith(result.content)


def test_the_event_loop_is_not_blocked():
    async def count():
        client = TinyModelClient()
        task = asyncio.create_task(client.create([{"role": "user", "content": "what is " + "1 + " * 150 + "2?"}]))
        ticks = 0
        while not task.done():
            await asyncio.sleep(0)
            ticks += 1
        return ticks

    assert asyncio.run(count()) > 5


def test_generation_stops_when_told(engine):
    asked = 0

    def stopped():
        nonlocal asked
        asked += 1
        return asked > 3

    engine.answer([ASKED], stopped=stopped)
    assert asked == 4
    assert LONGEST_ANSWER > 4


def test_cancellation_in_the_middle():
    async def cancel():
        client = TinyModelClient()
        task = asyncio.create_task(client.create([{"role": "user", "content": "9 + " * 150}]))
        await asyncio.sleep(0.002)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        limiter = anyio.to_thread.current_default_thread_limiter()
        with anyio.fail_after(5):
            while limiter.borrowed_tokens:  # noqa: ASYNC110 - the limiter has no event to wait for
                await asyncio.sleep(0.005)
        return await client.create([ASKED])

    assert asyncio.run(cancel()).content == create([ASKED]).content


def test_an_early_break_out_of_a_stream_and_close_leave_nothing():
    async def leave():
        async with TinyModelClient() as client:
            stream = client.create_stream([ASKED])
            async for _ in stream:
                break
            await stream.aclose()
        await client.close()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(leave())


def test_it_decides_between_agents():
    async def main():
        async with TinyModelClient() as client:
            names = ["coder", "critic", "the one who plans"]
            result = await client.choose([ASKED, {**ASKED, "role": "assistant"}], names)
            assert result.content in names
            assert result.cost == 0.0
            assert await client.decide([ASKED], names) == await client.decide([ASKED], names)
            with pytest.raises(ModelError) as caught:
                await client.decide("Which one?", ["a", "word " * 300])
            assert caught.value.kind == "context_overflow"

    asyncio.run(main())


def test_it_counts_what_it_reads():
    async def main():
        async with TinyModelClient() as client:
            read = (await client.create([ASKED], tools=[ADD])).usage.prompt_tokens
            assert await client.count_tokens([ASKED], tools=[ADD]) == read
            assert await client.count_tokens([REFUSED, ASKED], tools=[ADD]) == read, "an older question is not read"
            assert await client.remaining_tokens([ASKED], tools=[ADD]) == 1024 - read
            assert await client.remaining_tokens([{"role": "user", "content": "word " * 2000}]) < 0

    asyncio.run(main())
