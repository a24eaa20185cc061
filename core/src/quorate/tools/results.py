"""What a tool gives, as the text of a message, and the images among it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeGuard

from quorate.config.guards import is_list
from quorate.images import ImagePart, image_format, shown_as_png
from quorate.models.wire_json import is_object

if TYPE_CHECKING:
    from collections.abc import Sequence


def told(value: Any) -> tuple[str, list[dict[str, Any]]]:
    """A tool's result as text, and its images as content parts.

    Text stays as it is, pydantic models and everything else become JSON. An image is bytes of a PNG, JPEG, GIF or WebP
    file, an object that can show itself as one (``_repr_png_``: Pillow, and what notebooks show), or an image part of a
    message; in a list or tuple with images, each item is told by itself.

    Raises:
        TypeError: it is nothing that can be told.
        ValueError: it contains itself, or is a text that no encoding can hold.
    """
    if (part := image_part(value)) is not None:
        return "<image 1>", [part]
    if is_list(value):
        images = [image_part(item) for item in value]
        if any(images):
            return _mixed(value, images)
    return as_text(value), []


def _mixed(items: Sequence[Any], images: list[dict[str, Any] | None]) -> tuple[str, list[dict[str, Any]]]:
    lines: list[str] = []
    found: list[dict[str, Any]] = []
    for item, image in zip(items, images, strict=True):
        if image is not None:
            found.append(image)
            lines.append(f"<image {len(found)}>")
        else:
            lines.append(str(item["text"]) if _is_part(item, "text") else as_text(item))
    return "\n".join(lines), found


def as_text(value: Any) -> str:
    """A result without images as text."""
    if isinstance(value, str):
        return value
    if hasattr(value, "model_dump_json"):
        return str(value.model_dump_json())
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:
        from pydantic_core import to_jsonable_python

        return json.dumps(to_jsonable_python(value, fallback=_plain), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Arrays and their numbers as lists and numbers."""
    if callable(getattr(value, "tolist", None)):
        return value.tolist()
    msg = (
        f"a model cannot be told an object of type {type(value).__qualname__}; give text, numbers, lists, dicts, "
        "dataclasses, pydantic models, dates or images"
    )
    raise TypeError(msg)


def image_part(value: Any) -> dict[str, Any] | None:
    """The image part of a message for an image; None for anything else."""
    if _is_part(value, "image_url"):
        return value
    shown = value if isinstance(value, bytes | bytearray) else shown_as_png(value)
    return ImagePart(shown) if shown is not None and image_format(shown) else None


def _is_part(value: Any, kind: str) -> TypeGuard[dict[str, Any]]:
    """Whether it is a content part of a message, of this type."""
    return is_object(value) and value.get("type") == kind and kind in value
