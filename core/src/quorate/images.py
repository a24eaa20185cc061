"""Images in messages: from a file, bytes, an address or a picture object, as content parts of the wire format."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from quorate.errors import MessageError

if TYPE_CHECKING:
    from collections.abc import Mapping

ImageSource: TypeAlias = "str | Path | bytes | bytearray | Any"
"""A path, an ``http``, ``https`` or ``data`` address, the bytes of an image file, or an object that can show itself as
one (``_repr_png_``: Pillow's images, and what notebooks show)."""

_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
"""How the image formats that endpoints take begin; WebP has its size in between, see :func:`image_format`."""

_ADDRESSES = ("http://", "https://", "data:image/")


def ImagePart(  # noqa: N802 - reads as the message constructors do
    image: ImageSource, *, detail: Literal["auto", "low", "high"] | None = None
) -> dict[str, Any]:
    """Make a content part of an image, to stand among the texts of a message.

    ``UserMessage(["What is this?", ImagePart("cat.png")])`` is a question about a file.
    A file is read at once, so that the message stays what it was when the file changes. An address is passed on: it is
    the endpoint that fetches it.

    Args:
        image: where the image is, or the image itself.
        detail: how closely the model should look, where the endpoint knows of it.

    Raises:
        MessageError: there is no such file, or it is not a PNG, JPEG, GIF or WebP image.
    """
    url: dict[str, Any] = {"url": _address(image)}
    if detail is not None:
        url["detail"] = detail
    return {"type": "image_url", "image_url": url}


def image_format(data: bytes | bytearray) -> str | None:
    """``png``, ``jpeg``, ``gif`` or ``webp``, as the bytes begin; None for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((name for begin, name in _BEGINNINGS.items() if data.startswith(begin)), None)


def shown_as_png(value: object) -> bytes | None:
    """The picture of an object that can show itself as one; None for anything else."""
    show = getattr(type(value), "_repr_png_", None)
    data = show(value) if callable(show) else None
    return data if isinstance(data, bytes) else None


def has_images(message: Mapping[str, Any]) -> bool:
    """Whether a message has an image among its content parts."""
    content: object = message.get("content")
    return isinstance(content, list) and any(map(is_image, cast("list[object]", content)))


def is_image(part: object) -> bool:
    """Whether a content part is an image."""
    return isinstance(part, dict) and cast("dict[str, object]", part).get("type") == "image_url"


def _address(image: ImageSource) -> str:
    if isinstance(image, str) and image.startswith(_ADDRESSES):
        return image
    if isinstance(image, str | Path):
        return _encoded(_read(Path(image)), f"the file {image}")
    if isinstance(image, bytes | bytearray):
        return _encoded(image, f"{len(image)} bytes")
    if (png := shown_as_png(image)) is not None:
        return _encoded(png, type(image).__name__)
    msg = f"an image is a path, an address, the bytes of a file or a picture object, not {type(image).__name__}"
    raise MessageError(msg)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"the image {path} cannot be read: {error.strerror or error}"
        raise MessageError(msg) from error


def _encoded(data: bytes | bytearray, what: str) -> str:
    name = image_format(data)
    if name is None:
        msg = f"{what}: not an image that models take; give a PNG, JPEG, GIF or WebP file"
        raise MessageError(msg)
    return f"data:image/{name};base64,{base64.b64encode(data).decode()}"
