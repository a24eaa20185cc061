"""Builds a Python image for a Docker engine from this machine's own files: no image can be pulled without a network.

The interpreter that runs this, its standard library, a shell and some small programs are put together with the
libraries that they are linked to, each at the path that it has here; ``docker import`` does the rest.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docker import APIClient

PROGRAMS = """sh bash cat chmod cp date dd df echo env false head hostname id kill ln ls mkdir mkfifo mount mv nohup ps
    rm rmdir seq setsid sleep sort stat tail tee test timeout touch tr true uname wc whoami yes""".split()
LEFT_OUT = re.compile(
    r"__pycache__|site-packages|dist-packages|test|tests|idlelib|tkinter|ensurepip|lib2to3|turtledemo|config-.*|"
    r"_tkinter.*|_test.*\.so|_xxtest.*"
)
USERS = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n"
GROUPS = "root:x:0:\nnogroup:x:65534:\nuser:x:1000:\n"
CHANGES = [
    "ENV PATH=/usr/local/bin:/usr/bin:/bin",
    "ENV LANG=C.UTF-8",
    'CMD ["python3"]',
]


def build(api: APIClient, names: Iterable[str]) -> None:
    """Build the image and give it these names."""
    began = time.monotonic()
    data = _root()
    first, *others = names
    repository, _, tag = first.partition(":")
    api.import_image_from_data(data, repository, tag, CHANGES)
    for name in others:
        api.tag(first, *name.split(":"))
    print(f"built {first} ({len(data) >> 20} MiB) in {time.monotonic() - began:.1f} s", flush=True)


def _root() -> bytes:
    """The root file system, as a tar file."""
    python = Path(sys.executable).resolve()
    programs = [Path(found) for name in PROGRAMS if (found := shutil.which(name))]
    library = {Path(sysconfig.get_path(name, vars=_base())) for name in ("stdlib", "platstdlib")}
    modules = [path for folder in library for path in _files(folder)]
    linked = [python, *programs, *(path for path in modules if path.suffix == ".so")]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder, mode in (("tmp", 0o1777), ("proc", 0o755), ("sys", 0o755), ("dev", 0o755), ("root", 0o755)):
            _add_folder(tar, folder, mode)
        for name, text in (("etc/passwd", USERS), ("etc/group", GROUPS)):
            _add_data(tar, name, text.encode(), 0o644)
        for path in {python, *modules}:
            _add_data(tar, str(path), path.read_bytes(), path.stat().st_mode & 0o777)
        for path in programs:
            _add_data(tar, f"bin/{path.name}", path.read_bytes(), 0o755)
        for name, path in _libraries(linked).items():
            _add_data(tar, name, path.read_bytes(), 0o755)
        for name in ("python", "python3", f"python3.{sys.version_info.minor}"):
            _add_link(tar, f"usr/local/bin/{name}", str(python))
    return buffer.getvalue()


def _base() -> dict[str, str]:
    return {"installed_base": sys.base_prefix, "base": sys.base_prefix, "platbase": sys.base_exec_prefix}


def _files(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        if LEFT_OUT.fullmatch(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry))
        elif entry.is_file() and not entry.name.endswith((".a", ".pyc")):
            yield Path(entry)


def _libraries(linked: list[Path]) -> dict[str, Path]:
    """Every library that these are linked to, by the path that it gets: where the loader looks by itself."""
    told = subprocess.run(["ldd", *linked], capture_output=True, text=True, check=False).stdout  # statics are an error
    found = {f"usr/lib/{name}": Path(path) for name, path in re.findall(r"^\s(\S+) => (/\S+)", told, re.MULTILINE)}
    loaders = {path: Path(path) for path in re.findall(r"^\s(/\S+) \(", told, re.MULTILINE)}
    return found | loaders


def _add_folder(tar: tarfile.TarFile, name: str, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    tar.addfile(entry)


def _add_data(tar: tarfile.TarFile, name: str, data: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name.lstrip("/"))
    entry.size, entry.mode = len(data), mode
    tar.addfile(entry, io.BytesIO(data))


def _add_link(tar: tarfile.TarFile, name: str, target: str) -> None:
    entry: Any = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    tar.addfile(entry)
