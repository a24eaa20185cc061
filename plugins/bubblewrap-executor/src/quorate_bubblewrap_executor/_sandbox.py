"""What code sees in the sandbox, as arguments of ``bwrap``."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from quorate.errors import ConfigError

_SYSTEM: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Beside ``/usr``; on most systems they are links into it."""
_SETTINGS: Final = """
alternatives ld.so.cache ld.so.conf ld.so.conf.d localtime timezone mime.types magic
passwd group nsswitch.conf fonts matplotlibrc
""".split()
"""What programs need of ``/etc``: where libraries are, names of users, time zone, fonts."""
_NETWORK_SETTINGS: Final = """
resolv.conf hosts host.conf gai.conf services protocols ssl pki ca-certificates ca-certificates.conf crypto-policies
""".split()
"""What they need of it besides, to find others on the network and to trust them."""

_ALONE: Final = (
    *("--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"),
    *("--die-with-parent", "--new-session", "--hostname", "sandbox"),
)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What is in the sandbox beside the work directory.

    Attributes:
        read_only: files and folders that can be read, by the same paths, beside the system.
        network: whether it has the machine's network.
        tmpfs: bytes of ``/tmp`` and of ``/dev/shm``, each.
    """

    read_only: tuple[Path, ...]
    network: bool
    tmpfs: int

    def arguments(self, folder: Path) -> list[str]:
        """The arguments that make it, with this work directory, up to the program that is to run in it."""
        size = ("--size", str(self.tmpfs), "--tmpfs")
        # All that is not bound is in memory of the machine; so it can only be read, but for what has a size.
        devices = ("--proc", "/proc", "--dev", "/dev", *size, "/dev/shm", "--remount-ro", "/dev")  # noqa: S108
        return [
            *(*_ALONE, *(("--share-net",) if self.network else ())),
            *(*_system(), *_settings(self.network), *devices, *size, "/tmp"),  # noqa: S108
            *self._binds(folder),
            *("--remount-ro", "/", "--chdir", str(folder), "--"),
        ]

    def _binds(self, folder: Path) -> list[str]:
        """The work directory and what can be read, an outer folder before what lies in it."""
        # A Python in the work directory, a virtual environment say, can be changed like all else there.
        wanted = {path: "--ro-bind" for path in self.read_only if not path.is_relative_to(folder)}
        places = sorted({**wanted, folder: "--bind"}.items(), key=lambda item: len(item[0].parts))
        return [word for path, bind in places for word in (bind, str(path), str(path))]


def _system() -> list[str]:
    made = ["--ro-bind", "/usr", "/usr"]
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            made += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            made += ["--ro-bind", name, name]
    return made


def _settings(network: bool) -> list[str]:
    names = [*_SETTINGS, *(_NETWORK_SETTINGS if network else ())]
    return [word for name in names for word in ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")]


def python_folders(python: str, *, own: bool) -> list[Path]:
    """The folders that a Python needs: of itself, of what it is a link to, and of ours when it is our own.

    Raises:
        ConfigError: one of them holds the user's home directory, which the code would then see.
    """
    found = [Path(sys.prefix), Path(sys.base_prefix)] if own else []
    program = Path(python)
    found.append(program.parent.parent)
    while program.is_symlink():
        program = program.parent / program.readlink()
        found.append(Path(os.path.normpath(program.parent.parent)))
    found += [path.resolve() for path in found]
    outside = {path: None for path in found if not path.is_relative_to("/usr")}
    for path in outside:
        if Path.home().is_relative_to(path) and path != Path(path.anchor):
            msg = (
                f"the bubblewrap executor: the Python {python} belongs to {path}, which holds your home directory; give a "
                "virtual environment of another Python as virtual_env_context"
            )
            raise ConfigError(msg)
    return [path for path in outside if path != Path(path.anchor)]


def visible_path(path: str, sandbox: Sandbox, work_dir: Path | None) -> str:
    """The folders of ``PATH`` that are in the sandbox."""
    roots = [*map(Path, ("/usr", *_SYSTEM)), *sandbox.read_only, *([work_dir] if work_dir else [])]
    kept = [name for name in path.split(os.pathsep) if any(Path(name).is_relative_to(root) for root in roots)]
    return os.pathsep.join(kept) or os.defpath
