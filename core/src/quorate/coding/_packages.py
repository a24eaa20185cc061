"""Packages that functions need: which are missing where the code runs, and installing them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from quorate.coding.output import BoundedOutput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.coding.jobs import Job, Runner

_MISSING = """
import re, sys
from importlib.metadata import PackageNotFoundError, version
try: from packaging.requirements import Requirement
except ImportError:
    try: from pip._vendor.packaging.requirements import Requirement
    except ImportError: Requirement = None
def there(text):
    name = re.match(r"[A-Za-z0-9._-]+", text)
    if name is None: return False
    try: found = version(name[0])
    except PackageNotFoundError: return False
    if name[0] == text: return True
    return Requirement is not None and Requirement(text).specifier.contains(found, prereleases=True)
print(*(text for text in sys.argv[1:] if not there(text.strip())), sep="\\n")
"""


def install(packages: Sequence[str], python: str, runner: Runner, job: Job, *, network: bool) -> int:
    """Install the packages that are not there yet.

    Args:
        packages: requirements as pip takes them.
        python: the interpreter that runs the code.
        runner: runs the commands.
        job: folder, time and output of each command; its own command is not used.
        network: whether the code reaches the network.

    Returns:
        0, or the exit code; the output then says what is the matter.
    """
    found = BoundedOutput(1 << 16)
    checked = runner.run(replace(job, command=(python, "-c", _MISSING, *packages), output=found))
    missing = [line for line in found.text().splitlines() if line]
    if checked != 0:
        job.output.say(f"The packages of the functions cannot be looked up: {found.text()}")
        return checked
    if not missing:
        return 0
    if not network:
        job.output.say(
            f"The functions need {', '.join(missing)}, which is not installed where the code runs, and the code does not "
            "reach the network; install it there beforehand, or let the code reach the network"
        )
        return 1
    installed = runner.run(replace(job, command=(python, "-m", "pip", "install", "--", *missing)))
    if installed != 0:
        job.output.say(f"The functions need {', '.join(missing)}, which cannot be installed")
    return installed
