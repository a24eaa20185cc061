"""``quorate chat``: give two agents a task of your own."""

from __future__ import annotations

from typing import Any

import click

from quorate.cli import _main_job


@click.command()
@click.argument("task", nargs=-1, required=True)
@_main_job.options
def chat(task: tuple[str, ...], **options: Any) -> None:
    """Let two agents solve each TASK by writing code and running it; several are one conversation.

    Without a configuration, a very small demonstration model answers: arithmetic and little list tasks.
    """
    _main_job.solve(list(task), **options)
