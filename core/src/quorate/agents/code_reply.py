"""The reply function that runs the code blocks of a message."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from quorate._drive import call, kernel_code
from quorate.coding import CodeResult, code_reply, extract_code_blocks, has_unclosed_block
from quorate.coding.workdir import Refused, WorkDir
from quorate.errors import ExecutorError
from quorate.events import CodeEnded, CodeStarted
from quorate.images import ImagePart, image_format
from quorate.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.agents.code_running import CodeRunningAgent
    from quorate.agents.execution import CodeExecution
    from quorate.agents.protocol import Agent
    from quorate.agents.replies import Answer
    from quorate.coding import CodeBlock
    from quorate.messages import Message

CUT_OFF = "The code block has no closing fence, so it was not run; send the whole block again, shorter if need be."


LARGEST_IMAGE = 10_000_000
"""Bytes of an image file that is shown."""

_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp")


@kernel_code
async def a_generate_code_execution_reply(
    recipient: CodeRunningAgent,
    messages: Sequence[Message] | None = None,
    sender: Agent | None = None,
    config: Any = None,
) -> Answer:
    """Run the code blocks of the latest message that has some, and give their output."""
    settings = recipient.code_execution if config is None else config
    if not settings:
        return False, None
    messages = recipient.messages_from(sender) if messages is None else messages
    for message in settings.searched(messages):
        text = text_of(message.get("content"))
        if blocks := extract_code_blocks(text):
            recipient.made_by("code", sender)
            return True, await _reply(recipient, settings, blocks, sender)
        if has_unclosed_block(text):
            recipient.made_by("code", sender)
            return True, code_reply(CodeResult(1, CUT_OFF))
    return False, None


async def _reply(
    agent: CodeRunningAgent, settings: CodeExecution, blocks: Sequence[CodeBlock], sender: Agent | None
) -> str | Message:
    """Run blocks and tell what they gave: in words, and in images where these are to be shown."""
    result = await run_blocks(agent, settings.executor, blocks, sender)
    text = code_reply(result)
    folder = getattr(settings.executor, "work_dir", None)
    if not settings.show_images or folder is None or not result.files:
        return text
    images = await call("files", images_among, result.files, Path(folder))
    return {"content": [{"type": "text", "text": text}, *images]} if images else text


def images_among(files: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """The images among files of a work directory as content parts, each after its name; links are not followed.

    Args:
        files: paths relative to the directory; what is no PNG, JPEG, GIF or WebP file of :data:`LARGEST_IMAGE` bytes
            at most is passed over.
        folder: the directory.
    """
    parts: list[dict[str, Any]] = []
    work = WorkDir(folder)
    try:
        for name in files:
            data = _image(work, name) if name.lower().endswith(_ENDINGS) else None
            if data is not None and len(data) <= LARGEST_IMAGE and image_format(data) is not None:
                parts += [{"type": "text", "text": f"\n{name}:\n"}, ImagePart(data)]
    finally:
        work.close()
    return parts


def _image(work: WorkDir, name: str) -> bytes | None:
    try:
        return work.read(name, LARGEST_IMAGE + 1)
    except Refused:  # code put a link there, or something else that is no file: there is no image to show
        return None


async def run_blocks(
    agent: CodeRunningAgent, executor: Any, blocks: Sequence[CodeBlock], partner: Agent | None = None
) -> CodeResult:
    """Run blocks as a step of the conversation with a partner, or of none, and tell observers of it.

    Raises:
        ExecutorError: code cannot be run at all, or the executor gave no result.
    """
    agent.tell(CodeStarted, partner, blocks=list(blocks))
    result = await call("code", executor.execute_code_blocks, list(blocks))
    if not (hasattr(result, "exit_code") and hasattr(result, "output")):  # AutoGen 0.2's class is not ours
        msg = f"{agent.name}: the executor {executor!r:.80} gave {result!r:.80}; it must give a quorate.CodeResult"
        raise ExecutorError(msg)
    agent.tell(CodeEnded, partner, result=result)
    return cast("CodeResult", result)
