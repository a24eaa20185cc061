"""What many tests use: an isolated kernel, both ways of calling, and virtual environments with little distributions."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import os
import re
import signal
import subprocess
import sys
import venv as standard_venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import pytest

import quorate
from quorate.testing import isolated_kernel

hypothesis.settings.register_profile("quorate", deadline=None)  # a busy machine is no fault
hypothesis.settings.load_profile("quorate")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts its background jobs so, and their children inherit it: tests of Ctrl-C need a program that hears it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

NEEDS = ("anyio", "click", "importlib-metadata", "pluggy", "pydantic")
"""What the core depends on."""

SHOW = """
import json, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    from quorate import Kernel
    kernel = Kernel()
    infos = kernel.plugins()
    kernel.plugins(), kernel.names("model client"), kernel.names("code executor")
shown = {
    info.name: {
        "distribution": info.distribution, "version": info.version, "status": info.status, "error": info.error,
        "origin": info.origin, "load_ms": info.load_ms, "offers": [record.name for _, record in info.offers],
    }
    for info in infos
}
found = [info.name for info in infos if info.origin == "entry point"]
told = [(each.category.__name__, str(each.message)) for each in caught]
print(json.dumps({"plugins": shown, "found": found, "warnings": told}))
"""


def wheel(folder, name, code="", *, version="1.0", entry_points=None, modules=None, metadata=None, module=None):
    """Write a wheel by hand: a zip of modules and metadata (PyPA's binary distribution format)."""
    module = module or name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    if entry_points is None:
        entry_points = f"[quorate]\n{name.removeprefix('quorate-')} = {module}\n"
    if metadata is None:
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {f"{module}/__init__.py": code, **{f"{module}/{path}": text for path, text in (modules or {}).items()}}
    files |= {
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": entry_points,
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in files.items():
            if content is not None:
                archive.writestr(each, content)
    return path


class Environment:
    """A virtual environment that has the core and what it needs, and nothing else."""

    def __init__(self, folder):
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        standard_venv.EnvBuilder(symlinks=True, with_pip=False).create(folder / "venv")
        self.python = str(folder / "venv" / "bin" / "python")
        self.site = next((folder / "venv").glob("lib/python*/site-packages"))
        for source in _linked():
            (self.site / source.name).symlink_to(source)
        if not list(self.site.glob("quorate-*.dist-info")):  # the tests run from a source tree
            (self.site / "quorate-0.dist-info").mkdir()
            (self.site / "quorate-0.dist-info" / "METADATA").write_text("Name: quorate\nVersion: 0\n")

    def add(self, name, code="", *, to=None, **parts):
        """Install a little distribution whose package is this code.

        ``quorate-x`` has the package ``quorate_x`` and the entry point ``x`` unless others are given; ``modules`` are
        more files of the package.
        """
        with zipfile.ZipFile(wheel(self.folder, name, code, **parts)) as archive:
            archive.extractall(to or self.site)

    def pip_install(self, **plugins):
        """Install plugins through pip, by name and code; pip is the standard library's own when it is not installed."""
        wheels = [str(wheel(self.folder, f"quorate-{name}", code)) for name, code in plugins.items()]
        bundled = next(Path(os.__file__).parent.glob("ensurepip/_bundled/pip-*.whl"), None)
        pip = (
            [sys.executable, "-m", "pip", "--python", self.python]
            if find_spec("pip")
            else [self.python, f"{bundled}/pip"]
        )
        self.call(*pip, "install", "--no-index", "--no-deps", "--no-compile", "--disable-pip-version-check", *wheels)

    def call(self, *command, check=True, input=None, **env):  # noqa: A002 - subprocess calls it so
        """Run a program with a bare environment, and these variables."""
        kept = {
            key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "TMPDIR", "LD_LIBRARY_PATH") if key in os.environ
        }
        return subprocess.run(
            command,
            cwd=self.home,
            env={**kept, "HOME": str(self.home), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", **env},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=100,
            input=input,
            check=check,
        )

    def run(self, code, **env):
        """Run Python code; give what it printed as JSON."""
        done = self.call(self.python, "-c", code, check=False, **env)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def quorate(self, *arguments, **options):
        """Run the command line."""
        return self.call(self.python, "-m", "quorate", *arguments, **{"check": False, **options})

    def show(self, **env):
        """What a kernel says of its plugins, and the warnings that were given meanwhile."""
        return self.run(SHOW, **env)


def _linked():
    """The core's package and what it needs, wherever they are installed here; no plugin is among them."""
    yield Path(quorate.__file__).parent
    try:
        own = importlib.metadata.distribution("quorate").files or ()
        yield from {Path(each.locate()).parent for each in own if each.name == "METADATA"}
    except importlib.metadata.PackageNotFoundError:
        pass
    wanted, seen = list(NEEDS), set()
    while wanted:
        name = wanted.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:  # needed on other machines only
            continue
        tops = {each.parts[0] for each in found.files or ()} - {"..", "__pycache__"}
        yield from (Path(str(found.locate_file(top))) for top in sorted(tops))
        needs = (need for need in found.requires or () if "extra" not in need)
        wanted += [re.match(r"[\w.-]+", need)[0] for need in needs]


@pytest.fixture
def env(tmp_path):
    """A fresh virtual environment with the core."""
    return Environment(tmp_path)


@pytest.fixture(scope="session")
def new_environment(tmp_path_factory):
    """Make virtual environments that several tests share."""
    return lambda name: Environment(tmp_path_factory.mktemp(name, numbered=True))


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    """What the person who runs the tests has set must not matter."""
    for name in ("QUORATE_DISABLE_PLUGINS", "QUORATE_STRICT_PLUGINS", "QUORATE_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def kernel():
    """A kernel without plugins, whose scripts and observers are the test's own."""
    with isolated_kernel() as kernel:
        yield kernel


@pytest.fixture(params=["blocking", "async"])
def run(request):
    """Call a public method by its plain name, in either mode."""

    def blocking(method, *args, **kwargs):
        return method(*args, **kwargs)

    def native(method, *args, **kwargs):
        return asyncio.run(getattr(method.__self__, f"a_{method.__name__}")(*args, **kwargs))

    return blocking if request.param == "blocking" else native


CLIENT = """
from quorate import ModelClientRecord, hookimpl

@hookimpl
def quorate_model_clients():
    yield ModelClientRecord(name="{name}", factory="{module}._client:Client", summary="{summary}")
"""


@pytest.fixture(scope="session")
def client_code():
    """The code of a plugin with one model client."""

    def code(name, module="nowhere", summary=""):
        return CLIENT.format(name=name, module=module, summary=summary)

    return code
