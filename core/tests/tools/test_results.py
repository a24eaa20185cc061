"""Results: what a tool gives, as text and images."""

from __future__ import annotations

import datetime as dt
import enum
import io
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel

from quorate.tools.results import told

PNG = b"\x89PNG\r\n\x1a\n..."
PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgouLi4="}}


class Point(BaseModel):
    x: int


@dataclass
class Line:
    start: Point


class Colour(enum.Enum):
    RED = "red"


class Array:
    def tolist(self):
        return [1.5, 2.5]


class Shown:
    """An object that shows itself as Pillow's images do."""

    def _repr_png_(self):
        return PNG


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is: é", "as it is: é"),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ({"é": [1, None]}, '{"é": [1, null]}'),
        ((1, 2), "[1, 2]"),
        ([{"type": "text", "text": "no image"}], '[{"type": "text", "text": "no image"}]'),
        (Point(x=1), '{"x":1}'),
        ([Point(x=1)], '[{"x": 1}]'),
        (Line(Point(x=1)), '{"start": {"x": 1}}'),
        (dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC), '"2024-02-29T12:00:00Z"'),
        ({"when": dt.date(2024, 2, 29)}, '{"when": "2024-02-29"}'),
        ({1}, "[1]"),
        (Colour.RED, '"red"'),
        (Decimal("1.10"), '"1.10"'),
        (Path("a/b"), '"a/b"'),
        (b"bytes", '"bytes"'),
        (Array(), "[1.5, 2.5]"),
        ({"a": Array()}, '{"a": [1.5, 2.5]}'),
    ],
)
def test_results_as_text(value, text):
    assert told(value) == (text, [])


def endless():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "error", "why"),
    [
        (object(), TypeError, "cannot be told an object of type object; give text, numbers"),
        ({"a": [print]}, TypeError, "of type builtin_function_or_method"),
        (endless(), ValueError, "Circular reference"),
        (b"\xff", ValueError, "utf-8"),
    ],
)
def test_what_cannot_be_told_is_said(value, error, why):
    with pytest.raises(error, match=why):
        told(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (PNG, "png"),
        (bytearray(PNG), "png"),
        (b"\xff\xd8\xff\xe0...", "jpeg"),
        (b"GIF89a...", "gif"),
        (b"RIFF\x00\x00\x00\x00WEBP...", "webp"),
        (Shown(), "png"),
    ],
)
def test_images(value, kind):
    text, (image,) = told(value)
    assert text == "<image 1>"
    assert image["type"] == "image_url"
    assert image["image_url"]["url"].startswith(f"data:image/{kind};base64,")


def test_an_image_part_of_a_message_is_an_image():
    linked = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    assert told(linked) == ("<image 1>", [linked])


def test_images_among_other_things():
    value = ("A point:", PNG, Point(x=1), Shown(), {"type": "text", "text": "the end"})
    assert told(value) == ('A point:\n<image 1>\n{"x":1}\n<image 2>\nthe end', [PART, PART])


def test_pillow_images():
    images = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    picture = images.new("RGB", (2, 3), "red")
    text, (part,) = told(picture)
    assert text == "<image 1>"
    import base64

    again = images.open(io.BytesIO(base64.b64decode(part["image_url"]["url"].partition(",")[2])))
    assert again.size == (2, 3)
