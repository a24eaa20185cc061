"""The command line: one file per command."""

from __future__ import annotations

import importlib
import os
from typing import Any

import click

from quorate._metadata import version_of
from quorate.errors import QuorateError

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

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; the process exits with 1 after an error of ours, with 130 after Ctrl-C, as shells have it."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False  # click itself does not know of https://no-color.org
        try:
            return super().invoke(ctx)
        except QuorateError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            click.echo("\nInterrupted.", err=True)
            ctx.exit(130)


def _show_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(f"quorate, version {version_of('quorate')}")
        ctx.exit()


@click.group(cls=Commands)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def quorate() -> None:
    """Conversations between agents."""
