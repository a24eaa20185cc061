"""Code blocks, and what runs them."""

from __future__ import annotations

from quorate_autogen_compat.coding.base import CodeBlock, CodeExecutor, CodeExtractor, CodeResult
from quorate_autogen_compat.coding.docker_commandline_code_executor import DockerCommandLineCodeExecutor
from quorate_autogen_compat.coding.factory import CodeExecutorFactory
from quorate_autogen_compat.coding.local_commandline_code_executor import LocalCommandLineCodeExecutor
from quorate_autogen_compat.coding.markdown_code_extractor import MarkdownCodeExtractor

__all__ = [
    "CodeBlock",
    "CodeExecutor",
    "CodeExecutorFactory",
    "CodeExtractor",
    "CodeResult",
    "DockerCommandLineCodeExecutor",
    "LocalCommandLineCodeExecutor",
    "MarkdownCodeExtractor",
]
