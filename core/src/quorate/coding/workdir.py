"""The work directory of executed code: files are saved in it and nowhere else, and what is new in it is found.

On POSIX a file is reached by descriptors, one directory after the other and never through a link, so neither
``..`` nor a link planted by earlier code nor a rename in between leads out of it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

BY_DESCRIPTOR: Final = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
"""Whether the platform opens files relative to a directory's descriptor."""

_MOST_ENTRIES: Final = 20_000
"""Directory entries that are looked at after a run, the nearest first; in a larger tree some files are not reported."""

TEMPORARY: Final = "tmp_code_"
"""How the names of our temporary files begin."""
_TEMPORARY_NAME: Final = re.compile(TEMPORARY + r"[0-9a-f]{16}(?:\.\w+)?$")

_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | getattr(os, "O_BINARY", 0)
_UNUSABLE: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_UNUSABLE_ON_WINDOWS: Final = re.compile(r'[<>:"|?*]')


class Refused(ValueError):
    """A block that is not run, such as one with a file name that leads out; the message says why."""


class WorkDir:
    """An open work directory.

    Attributes:
        path: where it is.
        fd: its descriptor; None where the platform has none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd: int | None = os.open(path, _DIRECTORY) if BY_DESCRIPTOR else None

    def close(self) -> None:
        """Give the descriptor back."""
        if self.fd is not None:
            os.close(self.fd)

    def save(self, name: str, data: bytes) -> str:
        """Save a file that code or a person named; a regular file of that name is replaced.

        Args:
            name: a relative path; its directories are made.
            data: the contents.

        Returns:
            The path, relative to the work directory.

        Raises:
            Refused: it would not be a regular file inside the work directory.
        """
        parts = _parts(name)
        try:
            if self.fd is None:
                self._save_by_path(parts, data)
            else:
                with _walk(self.fd, parts[:-1]) as folder:
                    _replace(folder, parts[-1], data)
        except OSError as error:
            msg = f"the file name {name!r} cannot be used: {error.strerror or error}"
            raise Refused(msg) from error
        return "/".join(parts)

    def read(self, name: str, limit: int = 1 << 20) -> bytes | None:
        """Read the beginning of a regular file of the work directory; None when there is none."""
        flags = os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        parts = _parts(name)
        try:
            if self.fd is None:
                file = os.open(self.path.joinpath(*parts), flags)
            else:
                with _walk(self.fd, parts[:-1], make=False) as folder:
                    file = os.open(parts[-1], flags, dir_fd=folder)
            with open(file, "rb") as opened:  # noqa: PTH123
                return opened.read(limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            msg = f"{name} in the work directory cannot be read: {error.strerror or error}"
            raise Refused(msg) from error

    def save_new(self, prefix: str, suffix: str, data: bytes) -> str:
        """Save a file under a random name that did not exist, readable by us alone; give the name."""
        name = f"{prefix}{secrets.token_hex(8)}{suffix}"
        _write(name if self.fd is not None else str(self.path / name), data, 0o600, self.fd)
        return name

    def remove(self, name: str) -> None:
        """Remove a temporary file, when it is still there."""
        with contextlib.suppress(OSError):
            if self.fd is None:
                (self.path / name).unlink()
            else:
                os.unlink(name, dir_fd=self.fd)

    def now(self) -> int:
        """Nanoseconds by the clock that stamps the files of this directory."""
        with contextlib.suppress(OSError):
            os.utime(self.path if self.fd is None else self.fd)
        return (self.path.stat() if self.fd is None else os.fstat(self.fd)).st_ctime_ns

    def changed_since(self, moment: int) -> dict[str, tuple[int, int, int]]:
        """Find the regular files that were made or changed since a moment of :meth:`now`.

        Links are not followed; our temporary files and ``__pycache__`` are left out.

        Returns:
            What tells each file's state (inode, change time, size), by its path relative to the work directory.
        """
        found: dict[str, tuple[int, int, int]] = {}
        folders, left = deque([""]), _MOST_ENTRIES
        while folders and left > 0:
            folder = folders.popleft()
            with contextlib.suppress(OSError), os.scandir(self.path / folder) as entries:
                for entry in entries:
                    left -= 1
                    if entry.is_dir(follow_symlinks=False):
                        folders.extend([f"{folder}{entry.name}/"] if entry.name != "__pycache__" else [])
                    elif (state := _changed(entry, moment)) is not None:
                        found[folder + entry.name] = state
                    if left <= 0:
                        break
        return found

    def _save_by_path(self, parts: list[str], data: bytes) -> None:
        target = self.path.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        root = self.path.resolve()
        if target.resolve() != root.joinpath(*parts) or (target.exists() and not target.is_file()):
            msg = "it is or passes a link, or is no regular file"
            raise OSError(msg)
        temporary = target.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
        _write(str(temporary), data, 0o666, None)
        temporary.replace(target)


def make_private() -> Path:
    """Make a work directory that only we can enter."""
    return Path(tempfile.mkdtemp(prefix="quorate-"))


def is_private(path: Path) -> bool:
    """Whether it is still our directory; in a shared place, one that code removed may come back as a stranger's."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and (os.name == "nt" or status.st_uid == os.geteuid())


def remove_private(path: Path, owner: int) -> None:
    """Remove it with all that code made in it; a process forked from ``owner`` (a process id) must not."""
    if os.getpid() != owner:
        return
    if os.name != "nt":
        # Unlike rmtree these take trees of any depth; the rest is for directories whose permissions code took away.
        for command in (["rm", "-rf"], ["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            if path.exists():
                with contextlib.suppress(FileNotFoundError):
                    subprocess.run([*command, "--", path], check=False, capture_output=True)
    shutil.rmtree(path, ignore_errors=True)


def _changed(entry: os.DirEntry[str], moment: int) -> tuple[int, int, int] | None:
    if not entry.is_file(follow_symlinks=False) or _TEMPORARY_NAME.match(entry.name):
        return None
    status = entry.stat(follow_symlinks=False)
    changed = status.st_mtime_ns if os.name == "nt" else status.st_ctime_ns
    return (status.st_ino, changed, status.st_size) if changed >= moment else None


def _parts(name: str) -> list[str]:
    if Path(name).is_absolute() or name.startswith("/"):
        reason = "it is absolute; give a path relative to the work directory"
    elif ".." in (parts := [part for part in name.split("/") if part not in ("", ".")]):
        reason = "it leads out of the work directory"
    elif _UNUSABLE.search(name) or (os.name == "nt" and _UNUSABLE_ON_WINDOWS.search(name)):
        reason = "it has a backslash or another character that file names cannot have"
    elif not parts or name.endswith("/"):
        reason = "it names no file"
    else:
        return parts
    msg = f"the file name {name!r} is refused: {reason}"
    raise Refused(msg)


@contextlib.contextmanager
def _walk(root: int, folders: list[str], *, make: bool = True) -> Generator[int]:
    """Go down into folders, making those that are missing unless told otherwise; give the descriptor of the last."""
    here = os.dup(root)
    try:
        for folder in folders:
            with contextlib.suppress(FileExistsError):
                if make:
                    os.mkdir(folder, dir_fd=here)
            below = os.open(folder, _DIRECTORY | _NO_LINK, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _replace(folder: int, name: str, data: bytes) -> None:
    """Put a new file in the place of an old regular one; never writes through a link, hard ones included."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            msg = "it is a link, a directory or another thing that is no regular file"
            raise OSError(msg)
    temporary = f"{TEMPORARY}{secrets.token_hex(8)}"
    _write(temporary, data, 0o666, folder)
    try:
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(temporary, dir_fd=folder)
        raise


def _write(name: str, data: bytes, mode: int, folder: int | None) -> None:
    with open(os.open(name, _NEW, mode, dir_fd=folder), "wb") as file:  # noqa: PTH123
        file.write(data)
