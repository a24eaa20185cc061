"""Images and models that cannot see: refused before anything is sent, or read by the next that can."""

from __future__ import annotations

import pytest

from quorate import ImagePart, ModelsExhausted, ToolMessage, UserMessage

IMAGE = ImagePart("data:image/png;base64,AAAA")
SHOWN = [UserMessage("hello"), UserMessage(["What is this?", IMAGE])]
BLIND, SEEING = {"vision": False}, {"vision": True}


def entry(model, info=None):
    return {"model": model} if info is None else {"model": model, "model_info": info}


def test_it_is_refused_and_says_what_to_do(world, ask):
    client = world(entry("a", BLIND), a=["never"])
    with pytest.raises(ModelsExhausted) as caught:
        ask(client, SHOWN)
    assert not world.asked
    assert caught.value.kind == "bad_request"
    for part in ("config_list[0]", "Scripted, a", "messages[1]", "cannot see", "WithoutImages", "model_info"):
        assert part in str(caught.value)


@pytest.mark.parametrize("info", [SEEING, None], ids=["can see", "not known"])
def test_the_next_that_can_see_is_asked(world, ask, info):
    client = world(entry("a", BLIND), entry("b", BLIND), entry("c", info), a=[], b=[], c=["a cat"])
    result, _ = ask(client, SHOWN)
    assert (result.content, world.asked) == ("a cat", ["c"])
    assert [attempt.kind for attempt in result.attempts] == ["bad_request", "bad_request", None]


def test_text_is_read_by_the_first(world, ask):
    client = world(entry("a", BLIND), entry("b", SEEING), a=["one", "two"], b=["a cat"])
    assert [ask(client)[0].content for _ in range(2)] == ["one", "two"]
    ask(client, SHOWN)
    assert world.asked == ["a", "a", "b"], "and it does not cool down"


def test_images_among_the_results_of_tools(world, ask):
    client = world(entry("a", BLIND), a=["never"])
    results = {"role": "tool", "content": "", "tool_responses": [ToolMessage("", "c1"), UserMessage([IMAGE])]}
    with pytest.raises(ModelsExhausted, match=r"messages\[1\] has an image"):
        ask(client, [UserMessage("hello"), results])
