"""What models read in a group: members by their own transforms, the choice of a speaker by the group's."""

from __future__ import annotations

import pytest

from quorate import ImagePart, ModelError, UserMessage
from quorate.transforms import LimitMessages, SummarizeOld, WithoutImages

IMAGE = ImagePart("data:image/png;base64,AAAA")


def overflow():
    return ModelError("maximum context length is 600 tokens", kind="context_overflow")


def test_members_read_by_their_own_transforms(member, group, model, run, kernel):
    config, asked = model("1", "2")
    reads, all_else = member("reads", llm_config=config), member("other")
    reads.replies.clear()
    reads.register_reply([type(reads), None], "model")
    reads.transforms.append(LimitMessages(1))
    manager = group(reads, all_else, max_round=5)
    run(all_else.initiate_chat, manager, message="go")
    assert [len(request.messages) for request in asked.requests] == [2, 2]
    assert len(manager.groupchat.messages) == 5
    assert len(reads.chat_messages[manager]) == 5


@pytest.mark.parametrize("own", [None, "it was about numbers"], ids=["limit", "summary"])
def test_the_choice_of_a_speaker(member, group, model, run, own):
    script = ["two", "one", "two", *([own] if own else []), "one"]
    config, asked = model(*script)
    one, two = member("one"), member("two")
    transform = SummarizeOld(3, keep=1) if own else LimitMessages(1)
    manager = group(
        one,
        two,
        member("three"),
        manager={"llm_config": config},
        speaker_selection_method="auto",
        max_round=5,
        select_speaker_transform_messages=transform,
    )
    run(one.initiate_chat, manager, message="go")
    read = [request.messages[1]["content"] for request in asked.requests]
    assert read[0].startswith("one: go")
    if own:
        assert own in read[-1]
        assert "one: go" not in read[-1]
    else:
        assert "one: go" not in read[1]
        assert "two: two 1" in read[1]
    assert len(manager.groupchat.messages) == 5


def test_a_choice_whose_conversation_is_too_long(member, group, model, run):
    config, asked = model(overflow(), "two")
    one, two, three = member("one"), member("two"), member("three")
    manager = group(one, two, three, manager={"llm_config": config}, speaker_selection_method="auto", max_round=2)
    manager.groupchat.messages.extend(
        {"role": "user", "name": "three", "content": f"{n} {'word ' * 60}"} for n in range(5)
    )
    run(one.initiate_chat, manager, message="go", clear_history=False)
    long, short = (request.messages[1]["content"] for request in asked.requests)
    assert [f"three: {n} " in long for n in range(5)] == [True] * 5
    assert "three: 0 " in short
    assert "three: 1 " not in short
    assert "one: go" in short


def test_an_image_in_a_group(member, group, model, run):
    sees, seen = model("a cat", model_info=None)
    reads, read = model("so they say")
    eye, ear = member("eye", llm_config=sees), member("ear", llm_config=reads, transforms=[WithoutImages()])
    for one in (eye, ear):
        one.replies.clear()
        one.register_reply([type(one), None], "model")
    user = member("user")
    run(user.initiate_chat, group(user, eye, ear, max_round=3), message=UserMessage(["What is it? ", IMAGE]))
    assert seen.requests[0].messages[1]["content"][1] == IMAGE
    assert read.requests[0].messages[1]["content"] == "What is it? <image>"
