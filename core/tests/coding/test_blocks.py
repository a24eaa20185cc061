"""Code blocks from Markdown text."""

from __future__ import annotations

import pytest

from quorate.coding import (
    CodeBlock,
    CodeResult,
    code_reply,
    extract_code_blocks,
    has_unclosed_block,
    infer_language,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python\nprint(1)\n```", [("print(1)", "python")]),
        ("before\n~~~sh\nls\n~~~\nafter", [("ls", "sh")]),
        ("```python\r\nprint(1)\r\nprint(2)\r\n```\r\n", [("print(1)\nprint(2)", "python")]),
        ("```python\rprint(1)\r```", [("print(1)", "python")]),
        ("```Python\n1\n```\n\n```BASH\nls\n```", [("1", "python"), ("ls", "bash")]),
        # Every kind of info string.
        ("```c++\nx\n```", [("x", "c++")]),
        ("```objective-c\nx\n```", [("x", "objective-c")]),
        ('```python title="x.py"\nx\n```', [("x", "python")]),
        ("```{.python .numberLines}\nx\n```", [("x", "python")]),
        ("```{python}\nx\n```", [("x", "python")]),
        ("```python{1,3}\nx\n```", [("x", "python")]),
        ("```python:main.py\nx\n```", [("x", "python")]),
        ("``` python \nx\n```", [("x", "python")]),
        ("~~~ a`b\nx\n~~~", [("x", "a")]),
        # The closing fence: as long at least, of the same kind, alone on its line.
        ("````python\n```\nx\n```\n````", [("```\nx\n```", "python")]),
        ("````markdown\n```python\nx\n```\n````", [("```python\nx\n```", "markdown")]),
        ("```python\nx\n`````", [("x", "python")]),
        ("```python\nx\n~~~\n```", [("x\n~~~", "python")]),
        ("```python\nx\n``` y\n```", [("x\n``` y", "python")]),
        ("```python\nx\n    ```\n```", [("x\n    ```", "python")]),
        ("```python\nx\n   ```  \t\nrest", [("x", "python")]),
        # Indentation is taken from the code as far as the fence has it.
        ("  ```python\n  if x:\n      y\n z\n  ```", [("if x:\n    y\nz", "python")]),
        # By any amount when the fence names a language; else it is an indented code block that shows a fence.
        ("    ```python\n    x\n    ```", [("x", "python")]),
        ("\t```python\n\tx\n\t```", [("x", "python")]),
        ("    ```\n    x\n    ```", []),
        # After text, when it names a language.
        ("Run this: ```python\nx\n```\nand `see`", [("x", "python")]),
        ("Now: ```sh \nls\n```", [("ls", "sh")]),
        ("- Run: ```c++\n  x\n  ```", [("x", "c++")]),
        ("End it with ```\nnext line\n", []),
        ("Begin with ```python\nso:\n```python\nx\n```", [("x", "python")]),
        ("Begin with ```python\nand no more", []),
        ("`a` and ```python\nx\n```", []),
        # List items.
        ("1. Run\n   ```python\n   if x:\n       y\n   ```\n2. Done", [("if x:\n    y", "python")]),
        ("10. Run\n\n    ```python\n    x\n    ```", [("x", "python")]),
        ("- a\n  - b\n    ```sh\n    ls\n    ```", [("ls", "sh")]),
        ("- ```sh\n  ls\n  ```", [("ls", "sh")]),
        ("1. Run\n   ```python\nprint(1)\n   ```", [("print(1)", "python")]),
        ("- a\n\nno item\n\n    ```\n    x\n    ```", []),
        ("-\t```sh\n\tls\n\t```", [("ls", "sh")]),
        # No block at all.
        ("nothing", []),
        ("", []),
        ("a ```inline``` fence", []),
        ("```inline```\n", []),
        ("``\nx\n``", []),
        ("```python\n\n  \n```", []),
    ],
)
def test_fences(text, expected):
    assert extract_code_blocks(text) == [CodeBlock(code, language) for code, language in expected]


def test_code_between_single_backticks_is_taken_when_asked_for():
    text = "First `pip install x`, then\n```sh\nls `pwd`\n```\nand `print(1)` or ``two``, not ` ` nor `.\n"
    assert extract_code_blocks(text) == [CodeBlock("ls `pwd`", "sh")]
    taken = [CodeBlock("pip install x", "sh"), CodeBlock("ls `pwd`", "sh"), CodeBlock("print(1)", "python")]
    assert extract_code_blocks(text, detect_single_line_code=True) == taken


def test_code_of_a_cut_off_answer_is_left_out_and_that_is_told():
    text = "```python\nprint(1)\n```\nthen\n```sh\nrm -r build/ol"
    assert extract_code_blocks(text) == [CodeBlock("print(1)", "python")]
    assert has_unclosed_block(text)
    assert not has_unclosed_block(text + "\n```")
    assert not has_unclosed_block("Begin it with ```python\nand end it")


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("pip install numpy", "sh"),
        ("python -m venv x", "sh"),
        ("python3 x.py", "sh"),
        ("print(1)", "python"),
        ("pipeline = 1", "python"),
        ("ls -la /", ""),
        ("\0", ""),
        ("-" * 100_000 + "1", ""),
        ("(" * 100_000, ""),
    ],
)
def test_a_block_without_a_language_gets_one(code, language):
    assert infer_language(code) == language
    assert extract_code_blocks(f"```\n{code}\n```") == [CodeBlock(code, language)]


def test_inferring_shows_no_warning(recwarn):
    assert infer_language(r"print('\d')") == "python"
    assert not recwarn.list


@pytest.mark.parametrize(
    "unit", ["```", "```\n", "- ", "- ```\n", "~~~ x\n```\n", " ", "\t", "```a`\n", "1. ", "> ", "`", "\n", "- \n"]
)
def test_hostile_text_is_no_trouble(unit):
    # A scan that is not linear would not come back from this within the test's time limit.
    text = unit * (1_000_000 // len(unit))
    assert isinstance(has_unclosed_block(text), bool)


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (CodeResult(0, "55\n"), "exitcode: 0 (execution succeeded)\nCode output: \n55\n"),
        (CodeResult(124, "Timeout"), "exitcode: 124 (execution failed)\nCode output: \nTimeout"),
    ],
)
def test_the_reply_has_the_form_that_models_know(result, text):
    assert code_reply(result) == text
