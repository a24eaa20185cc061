"""The command line: one file per command."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

from quorate.errors import QuorateError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "chat": "quorate.cli.chat:chat",
    "config": "quorate.cli.config:config",
    "demo": "quorate.cli.demo:demo",
    "plugins": "quorate.cli.plugins:plugins",
}
"""Each command, imported only when it is used, so that one does not pay for another."""


class Commands(click.Group):
    """A group that imports its commands when they are used, and shows errors of ours without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run; the process exits with 1 after an error, with 130 after Ctrl-C."""
        try:
            return super().main(args, *rest, **extra)
        except QuorateError as error:
            click.echo(f"Error: {error}", err=True)
            raise SystemExit(1) from error


@click.group(cls=Commands)
@click.version_option(package_name="quorate")
def quorate() -> None:
    """Conversations between agents."""
