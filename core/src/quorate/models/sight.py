"""Images are kept from models that cannot see, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.errors import ModelError
from quorate.images import has_images

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.messages import Message
    from quorate.models.client import ChatCompletionClient


def check_sight(client: ChatCompletionClient, messages: Sequence[Message]) -> None:
    """Refuse images for a model of which it is known that it cannot see; where it is not known, that is tried.

    Raises:
        ModelError: a message has an image (kind ``bad_request``); another configuration may be asked.
    """
    info = getattr(client, "model_info", None)  # a client of the program's own may say nothing of itself
    if info is None or info.vision is not False:
        return
    index = next((index for index, message in enumerate(messages) if _shows(message)), None)
    if index is None:
        return
    msg = (
        f"messages[{index}] has an image, and this model cannot see (model_info.vision is False), so it was not asked; "
        "add a configuration whose model can, leave the images out (quorate.transforms.WithoutImages does for an agent), "
        "or, if it does see, say so: "
        '"model_info": {"vision": true}'
    )
    raise ModelError(msg, kind="bad_request", elsewhere=True)


def _shows(message: Message) -> bool:
    """Whether there is an image in a message, or among the results of several calls that it holds."""
    return has_images(message) or any(map(has_images, message.get("tool_responses") or ()))
