"""Functions that a program hands to executed code, and the packages that they need."""

from __future__ import annotations

import venv
import zipfile
from pathlib import Path

import pytest

from quorate.coding import (
    Alias,
    FunctionWithRequirements,
    ImportFromModule,
    LocalCommandLineCodeExecutor,
    with_requirements,
)
from quorate.coding.functions import HEADER, FunctionsModule
from quorate.errors import ConfigError
from quorate.testing import isolated_kernel

ensurepip = pytest.importorskip("ensurepip", reason="this Python comes without pip")


def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    # A comment that stays.
    return a + b


@with_requirements(
    global_imports=["math", Alias("os.path", "paths"), ImportFromModule("json", ["dumps", Alias("loads", "read")])]
)
def area(r: float) -> str:
    return dumps([math.floor(math.pi * r * r), paths.sep, read("1")])  # noqa: F821


async def later() -> int:
    return 3


TRIPLE = FunctionWithRequirements.from_str('def triple(n):\n    """Three times n."""\n    return 3 * n\n')


def test_code_imports_the_functions(make, run, tmp_path):
    executor = make(work_dir=tmp_path, functions=[add, area, later, TRIPLE])
    code = "from functions import *\nprint(add(1), area(1), triple(2), later.__name__)"
    result = run(executor, code)
    assert result.output == '2 [3, "/", 1] 6 later\n'
    assert result.files == (), "the module is ours, and not news"
    text = (tmp_path / "functions.py").read_text()
    assert text.startswith(HEADER + "\nimport math\nimport os.path as paths\nfrom json import dumps, loads as read\n")
    assert "# A comment that stays." in text
    assert "with_requirements" not in text


def test_the_module_comes_back_when_code_removed_the_work_directory_or_after_a_restart(make, run, tmp_path):
    executor = make(functions=[add], functions_module="skills")
    assert run(executor, "import skills; print(skills.add(1))").output == "2\n"
    assert run(executor, 'rm -r "$PWD"', "sh").exit_code == 0
    assert run(executor, "import skills; print(skills.add(2))").output == "3\n"


def test_a_module_of_somebody_else_is_not_replaced(make, run, tmp_path):
    (tmp_path / "functions.py").write_text("mine = 1\n")
    result = run(make(work_dir=tmp_path, functions=[add]), "open('ran', 'w')")
    assert result.exit_code == 1
    assert (
        result.output == "functions.py is in the work directory already; give the functions another functions_module\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["functions.py"]
    (tmp_path / "functions.py").unlink()
    (tmp_path / "functions.py").mkdir()
    assert "cannot be read" in run(make(work_dir=tmp_path, functions=[add]), "1").output


def test_a_function_with_requirements_is_called_as_it_is():
    @with_requirements(["numpy"])
    def double(n):
        """Twice n."""
        return 2 * n

    assert (double(2), double.__name__, double.__doc__, double.python_packages) == (4, "double", "Twice n.", ["numpy"])
    assert FunctionWithRequirements.from_callable(add, ["x"])(1, b=4) == 5
    with pytest.raises(NotImplementedError, match="given as text runs in executed code only"):
        TRIPLE(1)


def test_what_a_model_is_told():
    executor = LocalCommandLineCodeExecutor(functions=[add, TRIPLE], functions_module="skills")
    told = executor.format_functions_for_prompt()
    assert "`from skills import add`" in told
    assert 'def add(a: int, b: int=1) -> int:\n    """Add two numbers."""\n    ...' in told
    assert 'def triple(n):\n    """Three times n."""\n    ...' in told
    assert executor.format_functions_for_prompt("In $module_name: $functions").startswith("In skills: def add(")
    assert (executor.functions_module, list(executor.functions)) == ("skills", [add, TRIPLE])


@pytest.mark.parametrize(
    ("functions", "says"),
    [
        ([len], "the source of the function len is not at hand"),
        ([lambda: 1], "must define exactly one function"),
        ([add, add], "'add' is there twice"),
    ],
)
def test_what_cannot_be_handed_over_is_refused_at_once(functions, says):
    with pytest.raises(ConfigError, match=f"functions: .*{says}"):
        FunctionsModule("functions", functions)


@pytest.mark.parametrize(
    "text", ["", "x = 1", "def a(): pass\ndef b(): pass", "def a(: pass", "import os\ndef a(): pass"]
)
def test_a_text_holds_exactly_one_function(text):
    with pytest.raises(ConfigError, match="functions: the text"):
        FunctionWithRequirements.from_str(text)


def test_the_module_has_a_name():
    with pytest.raises(ConfigError, match="functions_module: 'my-functions' cannot be the name of a module"):
        LocalCommandLineCodeExecutor(functions_module="my-functions")


# -- packages


@pytest.fixture
def environment(tmp_path):
    """A virtual environment."""
    venv.EnvBuilder(symlinks=True).create(tmp_path / "environment")
    return tmp_path / "environment"


@pytest.fixture(scope="module")
def pip(tmp_path_factory):
    """A folder with pip."""
    folder = tmp_path_factory.mktemp("pip")
    with zipfile.ZipFile(next(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))) as wheel:
        wheel.extractall(folder)
    return folder


@pytest.fixture
def wheels(tmp_path, pip):
    """A folder with one little package, and the variables that give the code a pip which looks there."""
    name = "quorate_little_number-1.5"
    with zipfile.ZipFile(tmp_path / f"{name}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("quorate_little_number.py", "number = 41\n")
        wheel.writestr(
            f"{name}.dist-info/METADATA", "Metadata-Version: 2.1\nName: quorate-little-number\nVersion: 1.5\n"
        )
        wheel.writestr(f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}.dist-info/RECORD", "")
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PYTHONPATH": str(pip)}


NEEDY = FunctionWithRequirements.from_str(
    "def more():\n    return quorate_little_number.number + 1",
    ["quorate-little-number>=1", "pip"],
    ["quorate_little_number"],
)


def test_missing_packages_are_installed_before_the_first_block(make, run, environment, wheels):
    def offline(**options):
        executor = make(**options)
        executor.network = False
        return executor

    options = {"virtual_env_context": environment, "functions": [NEEDY], "env": wheels}
    refused = run(offline(**options), "import functions")
    assert refused.exit_code == 1
    assert "The functions need quorate-little-number>=1, which is not installed" in refused.output
    assert "does not reach the network" in refused.output

    executor = make(**options)
    assert run(executor, "import functions; print(functions.more())").output == "42\n"
    assert run(executor, "import functions; print(functions.more())").output == "42\n"
    # What is there is not installed again, and needs no network.
    assert run(offline(**options), "import functions; print(functions.more())").output == "42\n"


def test_packages_that_cannot_be_installed_are_a_result(make, run, environment, wheels):
    unknown = FunctionWithRequirements.from_str("def f(): pass", ["quorate-little-number>=9"])
    result = run(make(virtual_env_context=environment, functions=[unknown], env=wheels), "print('ran')")
    assert result.exit_code != 0
    assert "The functions need quorate-little-number>=9, which cannot be installed" in result.output
    assert "ran" not in result.output.split()


def test_functions_are_options_of_a_config(kernel_with_local, run):
    executor = kernel_with_local.code_executor("local", {"functions": [add]})
    assert executor is kernel_with_local.code_executor("local", {"functions": [add]})
    assert run(executor, "from functions import add; print(add(1))").output == "2\n"


@pytest.fixture
def kernel_with_local(_temporary):
    with isolated_kernel() as kernel:
        yield kernel


def test_blocks_of_other_languages_come_after_the_preparations_too(make, run):
    assert run(make(functions=[add]), "test -f functions.py && echo there", "sh").output == "there\n"
