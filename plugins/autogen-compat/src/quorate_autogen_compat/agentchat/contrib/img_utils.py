"""Images in texts: ``<img path-or-address>`` tags, as content parts of the wire format."""

from __future__ import annotations

import base64
import importlib
import re
from typing import TYPE_CHECKING, Any

from quorate.errors import MessageError
from quorate.images import ImagePart
from quorate_autogen_compat._missing import refusing

if TYPE_CHECKING:
    from pathlib import Path

MISSING = {
    "llava_formatter": "LLaVA is asked through an OpenAI-compatible endpoint, with image parts",
    "num_tokens_from_gpt_image": "the model client counts: await agent.client.count_tokens(messages)",
}

__getattr__ = refusing(__name__, MISSING)

__all__ = ["extract_img_paths", "get_image_data", "get_pil_image", "gpt4v_formatter", "pil_to_data_uri"]

TAG = re.compile(r"<img ([^>]+)>")
_IMAGE = re.compile(r"\S+\.(?:png|jpe?g|gif|webp)\b", re.IGNORECASE)


def gpt4v_formatter(prompt: str, img_format: str = "uri") -> list[Any]:
    """A text with ``<img ...>`` tags as content parts: its texts, and the images between them.

    Args:
        prompt: the text.
        img_format: ``uri`` or ``url``: both give what endpoints take, an address or the image itself.

    Raises:
        MessageError: a tag leads to no image.
    """
    del img_format
    parts: list[Any] = []
    for index, piece in enumerate(TAG.split(prompt)):  # texts, and what the tags between them name
        if index % 2:
            parts.append(ImagePart(piece.strip().strip("\"'")))
        elif piece:
            parts.append({"type": "text", "text": piece})
    return parts


def get_image_data(image_file: str | Path | bytes | Any, use_b64: bool = True) -> Any:
    """The bytes of an image, in base64 or as they are.

    Args:
        image_file: a path, a ``data:`` address, bytes or a picture object.
        use_b64: whether to give base64 text.

    Raises:
        MessageError: there is no such image.
    """
    address = pil_to_data_uri(image_file)
    if not address.startswith("data:"):
        msg = f"{address}: an address is fetched by the endpoint, not here; download the image and give its bytes"
        raise MessageError(msg)
    encoded = address.partition("base64,")[2]
    return encoded if use_b64 else base64.b64decode(encoded)


def pil_to_data_uri(image: Any) -> str:
    """A picture (or a path, or bytes) as a ``data:`` address; an address stays as it is.

    Raises:
        MessageError: it is no image.
    """
    address: str = ImagePart(image)["image_url"]["url"]
    return address


def get_pil_image(image_file: Any) -> Any:
    """The picture of a path, bytes or ``data:`` address; needs Pillow.

    Raises:
        MessageError: there is no such image.
        ImportError: Pillow is not installed.
    """
    import io

    try:
        pillow: Any = importlib.import_module("PIL.Image")
    except ImportError as error:
        msg = "get_pil_image needs one more library: pip install pillow"
        raise ImportError(msg) from error
    return pillow.open(io.BytesIO(get_image_data(image_file, use_b64=False)))


def extract_img_paths(paragraph: str) -> list[str]:
    """The words of a text that name image files."""
    return _IMAGE.findall(paragraph)
