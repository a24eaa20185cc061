"""Code blocks and what runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.coding.protocol import TIMED_OUT, CodeBlock, CodeExecutor, CodeResult

if TYPE_CHECKING:
    from quorate.coding.blocks import code_reply, extract_code_blocks, has_unclosed_block, infer_language
    from quorate.coding.local import LocalCommandLineCodeExecutor

__all__ = [
    "TIMED_OUT",
    "CodeBlock",
    "CodeExecutor",
    "CodeResult",
    "LocalCommandLineCodeExecutor",
    "code_reply",
    "extract_code_blocks",
    "has_unclosed_block",
    "infer_language",
]


def __getattr__(name: str) -> Any:
    """Import on first use what is not needed to describe an executor (PEP 562)."""
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    home = import_module("quorate.coding.local" if name == "LocalCommandLineCodeExecutor" else "quorate.coding.blocks")
    return getattr(home, name)
