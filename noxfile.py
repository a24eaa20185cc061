"""The only task runner: every check, build and demonstration of this repository is a session here.

`pip install nox && nox -l` lists them; no session needs anything else but Python and a package index.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["nox>=2025.11.12"]
# ///

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent
DIST = ROOT / "dist"
MEMBERS = ("core", *sorted(f"plugins/{p.parent.name}" for p in ROOT.glob("plugins/*/pyproject.toml")))
IDS = [Path(member).name for member in MEMBERS]
TOOLS = "plugins/pytest-quorate"
HEAVY = ("plugins/hf-local-client",)
"""Members with gigabytes of dependencies: installed without them, but for the session that tries the real thing."""
DEMO = ("core", "plugins/tiny-model", "plugins/openai-client", "plugins/dotenv-config")
WITHOUT_PROOF = ("-m", "not proof")
SPREAD = ("-n", "auto")
"""Tests side by side, one process a core: most of them wait for a server or a process."""
PYTHONS = ("3.11", "3.12", "3.13")
TINY = "plugins/tiny-model/src/quorate_tiny_model/model"
VLLM = ("python", "tests/real/vllm_server.py", "--model")
"""Runs a command with a real vLLM server up; it makes that server's environment itself, in `.nox/vllm-server`."""

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "typing", "tests"]


def find_interpreters() -> None:
    """Put every Python that pyenv keeps at the end of PATH: its own commands reach only the active one."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [str(path) for version in PYTHONS for path in sorted(root.glob(f"versions/{version}.*/bin"))]
    os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *found])


def share_index_settings() -> None:
    """Hand pip's index settings to uv, which does not read them."""
    names = {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_EXTRA_INDEX_URL": "UV_INDEX", "PIP_FIND_LINKS": "UV_FIND_LINKS"}
    for pip, uv in names.items():
        if pip in os.environ:
            os.environ.setdefault(uv, ",".join(os.environ[pip].split()))


find_interpreters()
share_index_settings()


def project(member: str) -> dict[str, object]:
    """The `[project]` table of a member."""
    return nox.project.load_toml(ROOT / member / "pyproject.toml")["project"]


def wheel(member: str) -> str:
    """The wheel that the session `build` made of a member."""
    stem = canonicalize_name(project(member)["name"]).replace("-", "_")
    return str(next(DIST.glob(f"{stem}-*.whl")))


def groups(*names: str) -> tuple[str, ...]:
    """The requirements of dependency groups of the root project."""
    return nox.project.dependency_groups(nox.project.load_toml(ROOT / "pyproject.toml"), *names)


def install(session: nox.Session, members: tuple[str, ...], *others: str) -> None:
    """Install wheels of members, and other requirements, in one resolution; heavy members without dependencies."""
    session.install(*(wheel(member) for member in members if member not in HEAVY), *others)
    if heavy := [wheel(member) for member in members if member in HEAVY]:
        session.install("--no-deps", *heavy)


def tests_of(*members: str) -> list[str]:
    """The test folders of these members."""
    return [f"{member}/tests" for member in members]


def lowest(member: str) -> list[str]:
    """Each direct dependency of a member at the lowest version it allows."""
    found: list[str] = []
    for need in map(Requirement, project(member).get("dependencies", [])):
        floors = [Version(clause.version) for clause in need.specifier if clause.operator in {">=", "==", "~="}]
        marker = f" ; {need.marker}" if need.marker else ""
        found += [f"{need.name}=={max(floors)}{marker}"] if floors else []
    return found


@nox.session
def build(session: nox.Session) -> None:
    """Build every member's wheel into dist/; the sessions that need wheels ask for this one."""
    session.install(*groups("build"))
    for old in DIST.glob("*.whl"):
        old.unlink()
    for member in MEMBERS:
        with session.chdir(member):
            session.run("hatchling", "build", "--target", "wheel", "--directory", str(DIST), silent=True)


@nox.session(python=PYTHONS, requires=["build"])
def tests(session: nox.Session) -> None:
    """Run the tests; `-- --cov` measures coverage, `-- -k name` chooses."""
    install(session, MEMBERS, *groups("test"))
    session.log("left to alone(pytest-quorate): the proof that the contract suite can fail, which takes minutes")
    session.run("pytest", *tests_of(*MEMBERS), "tests", *WITHOUT_PROOF, *SPREAD, *session.posargs)


@nox.session(requires=["build"])
@nox.parametrize("plugin", MEMBERS[1:], ids=IDS[1:])
def alone(session: nox.Session, plugin: str) -> None:
    """Try each plugin with the core and nothing else of ours, then run its tests there."""
    install(session, ("core", plugin))
    shown = session.run("quorate", "plugins", "--json", env={"QUORATE_STRICT_PLUGINS": "1"}, silent=True)
    names = project(plugin).get("entry-points", {}).get("quorate", {})
    if missing := [name for name in names if f'"{name}"' not in str(shown)]:
        session.error(f"`quorate plugins` does not show {missing}: {shown}")
    install(session, (TOOLS,), *groups("test"))
    session.run("pytest", f"{plugin}/tests", *SPREAD, *session.posargs)


@nox.session(requires=["build"])
def together(session: nox.Session) -> None:
    """Test all plugins in one environment, with a broken plugin counted as an error."""
    install(session, MEMBERS, *groups("test"))
    session.run("quorate", "plugins", env={"QUORATE_STRICT_PLUGINS": "1"})
    session.run("pytest", "tests", *session.posargs)


@nox.session(python=PYTHONS[0], requires=["build"])
@nox.parametrize("member", MEMBERS, ids=IDS)
def minimums(session: nox.Session, member: str) -> None:
    """Test each member with the lowest version of every dependency that it names."""
    if member in HEAVY:
        session.skip(f"{member} is tried by a session of its own, with one version of its dependencies")
    # Not in session.create_tmp(): temporary files would then be part of the environment, which sandboxed code may read.
    constraints = Path(session.virtualenv.location) / "lowest.txt"
    constraints.write_text("\n".join(lowest(member)), encoding="utf-8")
    session.log("lowest: %s", ", ".join(lowest(member)))
    install(session, tuple({"core", member, TOOLS}), *groups("test"), "--constraint", str(constraints))
    session.run("pytest", f"{member}/tests", *WITHOUT_PROOF, *SPREAD, *session.posargs)


@nox.session(requires=["build"])
def lint(session: nox.Session) -> None:
    """Check style, format and layers; `-- --fix` repairs what can be."""
    install(session, MEMBERS, *groups("lint"))
    fix = "--fix" in session.posargs
    session.run("ruff", "check", *(["--fix"] if fix else []))
    session.run("ruff", "format", *([] if fix else ["--check"]))
    session.run("lint-imports")


@nox.session(requires=["build"])
def typing(session: nox.Session) -> None:
    """Check types with mypy and pyright, both strict."""
    install(session, MEMBERS, *groups("typing"))
    session.run("mypy")
    session.run("pyright")


@nox.session(requires=["build"])
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error. The tests run its code blocks."""
    install(session, MEMBERS, *groups("docs"))
    session.run("sphinx-build", "--fail-on-warning", "--keep-going", "docs", "docs/_build/html", *session.posargs)


@nox.session(requires=["build"])
def examples(session: nox.Session) -> None:
    """Run every example as a person would, each in an empty folder."""
    install(session, MEMBERS)
    programs = sorted(ROOT.glob("examples/*.py"))
    for program in programs:
        folder = Path(session.create_tmp()) / program.stem
        folder.mkdir(exist_ok=True)
        with session.chdir(folder):
            session.run("python", str(program))
    session.log("ran %d examples", len(programs))


@nox.session(requires=["build"])
def demo(session: nox.Session) -> None:
    """Show the main job: two agents solve a task by writing code and running it."""
    install(session, DEMO)
    session.run("quorate", "demo", *session.posargs)


@nox.session(python=PYTHONS[0], requires=["build"])
def docker(session: nox.Session) -> None:
    """Test docker-executor with a real Docker engine, which is started, and installed, where none answers; measure it."""
    install(session, ("core", "plugins/docker-executor", "plugins/tiny-model", TOOLS), *groups("test"))
    tests, death = "plugins/docker-executor/tests", "plugins/docker-executor/tests/test_docker_engine_death.py"
    steps = (
        f"python -m pytest {tests} --ignore={death} {' '.join(SPREAD)}",
        "python benchmarks/docker_executor.py",
        f"cd '{session.create_tmp()}' && python '{ROOT}/examples/docker_executor.py' && cd '{ROOT}'",
        f"python -m pytest {death}",
    )
    must_run = {"QUORATE_DOCKER_TESTS": "must run"}
    session.run("python", "tests/real/docker_engine.py", "--", "sh", "-ec", "\n".join(steps), env=must_run)


@nox.session(python=PYTHONS[0], requires=["build"])
def executors(session: nox.Session) -> None:
    """Test the executors that need no engine, the local one first, with the contract of all; measure the local one."""
    members = ("core", *(member for member in MEMBERS if member.endswith("-executor") and "docker" not in member))
    provide_bubblewrap(session)
    install(session, (*members, TOOLS), *groups("test"))
    session.run("pytest", "core/tests/coding", *tests_of(*members[1:]), *SPREAD, *session.posargs)
    session.run("python", "benchmarks/local_executor.py")


def provide_bubblewrap(session: nox.Session) -> None:
    """Install Debian's bubblewrap where it is missing and can be had; else its tests say why they are skipped."""
    if shutil.which("bwrap"):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        session.run("apt-get", "update", "--quiet=2", external=True)
        session.run("apt-get", "install", "--quiet=2", "--yes", "bubblewrap", external=True)
    else:
        session.log("bubblewrap is not installed, and installing it needs root and apt: its tests are left out")


@nox.session(python=PYTHONS[0], venv_backend="virtualenv", requires=["build"])
def hf(session: nox.Session) -> None:
    """Test hf-local-client with real models, on a GPU too when there is one."""
    # One version of each, and pip: a range takes gigabytes of CUDA where a CPU build is at hand.
    session.install("torch==2.13.0", "transformers==5.23.0")
    session.install(*map(wheel, ("core", "plugins/hf-local-client", TOOLS, "plugins/tiny-model")), *groups("test"))
    session.run("pytest", "plugins/hf-local-client/tests", env={"QUORATE_TINY_MODEL": str(ROOT / TINY)})
    with session.chdir(session.create_tmp()):  # the agents' code leaves files
        session.run("python", str(ROOT / "examples" / "local_model.py"))


@nox.session(python=PYTHONS[0], requires=["build"])
def vllm(session: nox.Session) -> None:
    """Test vllm-client against real vLLM servers: the tiny model, and one of random weights with a strict template."""
    install(session, ("core", "plugins/vllm-client", "plugins/openai-client", TOOLS), *groups("test"))
    tests = "python -m pytest plugins/vllm-client/tests"
    # The openai client's example, too: a real endpoint that speaks OpenAI's format, and needs no key.
    openai = f"QUORATE_OPENAI_URL=$QUORATE_VLLM_URL QUORATE_OPENAI_MODEL=tiny python '{ROOT}/examples/openai_client.py'"
    examples = f"python examples/vllm_stream.py && cd '{session.create_tmp()}' && {openai}"
    session.run(*VLLM, TINY, "--", "sh", "-c", f"{tests} -k real_vllm_tiny && {examples}")
    session.run(*VLLM, "random", "--", "sh", "-c", f"{tests} -k real_vllm_random")


@nox.session(python=PYTHONS[0], requires=["build"])
def azure(session: nox.Session) -> None:
    """Test azure-client against Azure-style servers: a real vLLM behind a front, LiteLLM's proxy, azure-identity."""
    install(session, ("core", "plugins/azure-client", TOOLS), "azure-identity>=1.19", *groups("test"))
    front = ("--name", "tiny", "--middleware", "azfront.AzureFront", "--env", f"PYTHONPATH={ROOT / 'tests' / 'real'}")
    tests = "python -m pytest plugins/azure-client/tests && python examples/azure.py"
    proxied = ("python", "tests/real/litellm_proxy.py", "--", *VLLM, TINY, *front, "--")
    session.run(*proxied, "python", "tests/real/azfront.py", "--", "sh", "-c", tests)


@nox.session(requires=["build"])
def bench(session: nox.Session) -> None:
    """Run every benchmark and print its table."""
    install(session, MEMBERS)
    for program in sorted(ROOT.glob("benchmarks/*.py")):
        session.run("python", str(program), *session.posargs)


if __name__ == "__main__":
    nox.main()
