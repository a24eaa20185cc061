"""Code blocks and what runs them.

For authors of executors: :class:`BaseCodeExecutor` has everything but how one block is run, and
:class:`CommandLineExecutor` everything but what runs a command; :class:`WorkDir`, :class:`BoundedOutput`,
:data:`LANGUAGES`, :func:`process_runner`, :func:`limits_of` and :func:`interpreter` are the parts that they are made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate._lazy import lazy
from quorate.coding.protocol import TIMED_OUT, CodeBlock, CodeExecutor, CodeResult

if TYPE_CHECKING:
    from quorate.coding._limits import limits_of
    from quorate.coding._processes import process_runner
    from quorate.coding.base import BaseCodeExecutor, Run, Session
    from quorate.coding.blocks import code_reply, extract_code_blocks, has_unclosed_block, infer_language
    from quorate.coding.command_line import CommandLineExecutor
    from quorate.coding.environment import code_environment
    from quorate.coding.functions import (
        Alias,
        FunctionWithRequirements,
        FunctionWithRequirementsStr,
        ImportFromModule,
        with_requirements,
    )
    from quorate.coding.isolation import LEVELS, Requirement
    from quorate.coding.jobs import Job, Runner, Stop, exit_code, ran_out
    from quorate.coding.languages import LANGUAGES, Language
    from quorate.coding.local import LocalCommandLineCodeExecutor, VirtualEnvironment, interpreter
    from quorate.coding.output import BoundedOutput
    from quorate.coding.workdir import Refused, WorkDir

__all__ = [
    "LANGUAGES",
    "LEVELS",
    "TIMED_OUT",
    "Alias",
    "BaseCodeExecutor",
    "BoundedOutput",
    "CodeBlock",
    "CodeExecutor",
    "CodeResult",
    "CommandLineExecutor",
    "FunctionWithRequirements",
    "FunctionWithRequirementsStr",
    "ImportFromModule",
    "Job",
    "Language",
    "LocalCommandLineCodeExecutor",
    "Refused",
    "Requirement",
    "Run",
    "Runner",
    "Session",
    "Stop",
    "VirtualEnvironment",
    "WorkDir",
    "code_environment",
    "code_reply",
    "exit_code",
    "extract_code_blocks",
    "has_unclosed_block",
    "infer_language",
    "interpreter",
    "limits_of",
    "process_runner",
    "ran_out",
    "with_requirements",
]

_HOMES = {
    "_limits": "limits_of",
    "_processes": "process_runner",
    "base": "BaseCodeExecutor Run Session",
    "blocks": "code_reply extract_code_blocks has_unclosed_block infer_language",
    "command_line": "CommandLineExecutor",
    "environment": "code_environment",
    "functions": "Alias FunctionWithRequirements FunctionWithRequirementsStr ImportFromModule with_requirements",
    "isolation": "LEVELS Requirement",
    "jobs": "Job Runner Stop exit_code ran_out",
    "languages": "LANGUAGES Language",
    "local": "LocalCommandLineCodeExecutor VirtualEnvironment interpreter",
    "output": "BoundedOutput",
    "workdir": "Refused WorkDir",
}
"""Where the names live that are imported on first use: none is needed to describe an executor."""

_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__getattr__, __dir__ = lazy(__name__, _HOME)
