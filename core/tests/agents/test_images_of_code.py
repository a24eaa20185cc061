"""Images that executed code makes: shown in the reply where that is asked for, and no other file."""

from __future__ import annotations

import base64

import pytest

from quorate import ConfigError, ConversableAgent

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WRITE = f"""
import base64, pathlib
data = base64.b64decode({base64.b64encode(PIXEL)!r})
pathlib.Path("plots").mkdir(exist_ok=True)
pathlib.Path("plots/a.png").write_bytes(data)
pathlib.Path("b.PNG").write_bytes(data)
pathlib.Path("words.png").write_text("no image")
pathlib.Path("data.bin").write_bytes(data)
print("done")
"""


@pytest.fixture
def runner(kernel, tmp_path):
    def make(**config):
        config = {"executor": "local", "work_dir": str(tmp_path / "work"), **config}
        return ConversableAgent("runner", human_input_mode="NEVER", code_execution_config=config, kernel=kernel)

    return make


def fence(code):
    return [{"role": "user", "content": f"```python\n{code}\n```"}]


def test_images_are_shown_where_it_is_asked_for(runner, run):
    reply = run(runner(show_images=True).generate_reply, fence(WRITE))
    first, *parts = reply["content"]
    assert first["text"] == "exitcode: 0 (execution succeeded)\nCode output: \ndone\n"
    names = [part["text"].strip() for part in parts if part["type"] == "text"]
    images = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    assert sorted(names) == ["b.PNG:", "plots/a.png:"]
    assert images == [f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"] * 2


def test_and_not_otherwise(runner, run):
    reply = run(runner().generate_reply, fence(WRITE))
    assert reply == "exitcode: 0 (execution succeeded)\nCode output: \ndone\n"


def test_a_reply_without_images_is_text(runner, run):
    reply = run(runner(show_images=True).generate_reply, fence("open('a.txt', 'w').write('a')"))
    assert isinstance(reply, str)


def test_links_are_not_followed(runner, run, tmp_path):
    (tmp_path / "private.png").write_bytes(PIXEL)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "private.png").write_bytes(PIXEL)
    code = f"""
import os
os.symlink({str(tmp_path / "private.png")!r}, "a.png")
os.symlink({str(tmp_path / "elsewhere")!r}, "folder")
"""
    assert isinstance(run(runner(show_images=True).generate_reply, fence(code)), str)


def test_what_is_neither_true_nor_false(runner):
    with pytest.raises(ConfigError, match="show_images"):
        runner(show_images="yes")
