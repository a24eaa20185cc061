"""``python -m quorate``, and the console script ``quorate``."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from quorate.cli import quorate

    quorate(prog_name="quorate")


if __name__ == "__main__":
    main()
