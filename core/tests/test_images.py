"""Images in messages, from everything that people have them in."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest

from quorate import ImagePart, UserMessage
from quorate.errors import MessageError
from quorate.images import has_images, image_format


def png():
    """A whole PNG file of one red pixel (https://www.w3.org/TR/png-3/)."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00")) + chunk(b"IEND", b"")


class Picture:
    """Shows itself as Pillow's images do."""

    def _repr_png_(self):
        return png()


def url(part):
    assert part["type"] == "image_url"
    return part["image_url"]["url"]


@pytest.mark.parametrize("form", ["path", "text", "bytes", "bytearray", "object"])
def test_an_image_becomes_a_data_address(form, tmp_path):
    path = tmp_path / "red.png"
    path.write_bytes(png())
    forms = {"path": path, "text": str(path), "bytes": png(), "bytearray": bytearray(png()), "object": Picture()}
    head, _, data = url(ImagePart(forms[form])).partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data) == png()


@pytest.mark.parametrize("address", ["https://example.org/a.png", "http://127.0.0.1/a", "data:image/png;base64,AAAA"])
def test_an_address_is_passed_on(address):
    assert url(ImagePart(address)) == address


@pytest.mark.parametrize(
    ("begin", "name"),
    [
        (b"\x89PNG\r\n\x1a\nxxxx", "png"),
        (b"\xff\xd8\xff\xe0xxxx", "jpeg"),
        (b"GIF89axxxxxx", "gif"),
        (b"RIFF\x01\x02\x03\x04WEBP", "webp"),
        (b"BM123456", None),
        (b"", None),
    ],
)
def test_formats(begin, name):
    assert image_format(begin) == name


def test_how_closely_to_look():
    assert ImagePart(png(), detail="low")["image_url"]["detail"] == "low"


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("nowhere.png", "nowhere.png cannot be read: No such file"),
        (b"BM123456", "8 bytes: not an image that models take"),
        (object(), "not object"),
    ],
)
def test_what_is_no_image_is_refused(image, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MessageError, match=said):
        ImagePart(image)


def test_a_text_file_is_refused_by_name(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no image")
    with pytest.raises(MessageError, match=r"notes\.txt: not an image"):
        ImagePart(path)


def test_a_message_of_texts_and_images():
    message = UserMessage(["What is this?", ImagePart(png())], source="user")
    assert [part["type"] for part in message["content"]] == ["text", "image_url"]
    assert message["content"][0]["text"] == "What is this?"
    assert has_images(message)
    assert not has_images(UserMessage("no"))
    assert not has_images(UserMessage(["no"]))
