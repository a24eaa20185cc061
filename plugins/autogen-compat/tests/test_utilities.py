"""0.2's small modules: schemas, counts, graphs, colours, answers of problems, and files cut into chunks."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field

import quorate_autogen_compat.install  # noqa: F401 - lets the face answer to `import autogen`
from quorate_autogen_compat import AssistantAgent, _pydantic, formatting_utils, function_utils, math_utils
from quorate_autogen_compat import graph_utils as graphs
from quorate_autogen_compat import retrieve_utils as files
from quorate_autogen_compat import token_count_utils as tokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULES = "_pydantic formatting_utils function_utils graph_utils io logger math_utils retrieve_utils runtime_logging"


@pytest.mark.parametrize("module", [*MODULES.split(), "token_count_utils", "logger.logger_utils", "io.websockets"])
def test_modules_have_both_names(module: str) -> None:
    assert importlib.import_module(f"autogen.{module}") is importlib.import_module(f"quorate_autogen_compat.{module}")


# -- schemas


class Money(BaseModel):
    currency: str = Field("EUR", pattern="^[A-Z]{3}$")
    amount: float


def convert(base: Annotated[Money, "what to convert"], to: str = "USD", *, exact: bool = False) -> str:
    return f"{base.amount} {base.currency} to {to}"


def test_a_function_is_told_to_models() -> None:
    schema = function_utils.get_function_schema(convert, name="exchange", description="Convert money")

    function = schema["function"]
    assert (schema["type"], function["name"], function["description"]) == ("function", "exchange", "Convert money")
    assert function["parameters"]["required"] == ["base"]
    assert function["parameters"]["properties"]["base"]["description"] == "what to convert"
    assert function["parameters"]["properties"]["to"]["default"] == "USD"
    assert function_utils.ToolFunction.model_validate(schema).function.name == "exchange"


def test_a_parameter_without_a_type_is_a_type_error() -> None:
    def untyped(x, y: int = 1, z=2):
        return x

    with pytest.raises(TypeError, match="'x'"):
        function_utils.get_function_schema(untyped, description="?")
    signature = function_utils.get_typed_signature(untyped)
    required = function_utils.get_required_params(signature)
    assert function_utils.get_missing_annotations(signature, required) == ({"x"}, {"z"})


def test_signatures_have_types() -> None:
    signature = function_utils.get_typed_signature(convert)

    assert signature.parameters["exact"].annotation is bool
    assert signature.parameters["exact"].kind is inspect.Parameter.KEYWORD_ONLY
    assert function_utils.get_default_values(signature) == {"to": "USD", "exact": False}
    assert function_utils.get_typed_return_annotation(convert) is str
    assert function_utils.get_typed_return_annotation(lambda x: x) is None
    assert function_utils.get_typed_annotation("list[int]", {}) == list[int]
    parameters = function_utils.get_parameters(
        function_utils.get_required_params(signature),
        function_utils.get_param_annotations(signature),
        function_utils.get_default_values(signature),
    )
    assert _pydantic.model_dump(parameters)["properties"]["to"] == {
        "type": "string",
        "default": "USD",
        "description": "to",
    }


def test_a_type_that_is_not_there_is_told() -> None:
    def wrong(x: Nowhere) -> None:  # type: ignore[name-defined]  # noqa: F821
        ...

    with pytest.raises(TypeError, match="Nowhere"):
        function_utils.get_typed_signature(wrong)


def test_dicts_become_models() -> None:
    async def later(base: Money) -> float:
        return base.amount

    assert function_utils.load_basemodels_if_needed(convert)({"amount": 2}) == "2.0 EUR to USD"  # type: ignore[arg-type]
    loaded: Any = function_utils.load_basemodels_if_needed(later)
    assert inspect.iscoroutinefunction(loaded)
    assert asyncio.run(loaded(base={"amount": 2})) == 2.0
    assert function_utils.get_load_param_if_needed_function(int) is None


def test_results_are_told() -> None:
    assert function_utils.serialize_to_str("é") == "é"
    assert function_utils.serialize_to_str({"a": "é"}) == '{"a": "é"}'
    assert function_utils.serialize_to_str(Money(amount=1)) == '{"currency":"EUR","amount":1.0}'
    assert _pydantic.model_dump_json(Money(amount=1)) == '{"currency":"EUR","amount":1.0}'
    assert _pydantic.type2schema(int) == {"type": "integer"}
    assert _pydantic.PYDANTIC_V1 is False


# -- tokens


def test_counts_are_estimates_on_the_high_side() -> None:
    words = "the quick brown fox jumps over the lazy dog " * 20
    assert tokens.count_token("") == 0
    assert 180 <= tokens.count_token(words) <= 400  # 0.2 counted 181 with a tokenizer
    assert tokens.count_token({"content": words}) > tokens.count_token(words)
    assert tokens.count_token([{"role": "user", "content": words}] * 2) > 2 * tokens.count_token(words)
    assert tokens.num_tokens_from_functions([]) == 0
    assert tokens.num_tokens_from_functions([{"name": "f", "description": words, "parameters": {}}]) > 180
    with pytest.raises(ValueError, match="int"):
        tokens.count_token(7)  # type: ignore[arg-type]


def test_limits_are_those_of_0_2s_models() -> None:
    assert tokens.get_max_token_limit("gpt-4") == 8192
    assert tokens.get_max_token_limit("gpt-35-turbo") == tokens.get_max_token_limit("gpt-3.5-turbo") == 16385
    assert tokens.token_left("", "gpt-4") == 8192
    assert tokens.percentile_used("a" * 8192, "gpt-4") == pytest.approx(0.4, abs=0.01)
    with pytest.raises(KeyError, match="own client"):
        tokens.get_max_token_limit("somebody-else's")


# -- graphs


def test_graphs_of_speakers_are_checked_and_inverted() -> None:
    a, b, c = (AssistantAgent(name, llm_config=False) for name in "abc")

    graphs.check_graph_validity({a: [b], b: [c], c: [a]}, [a, b, c])
    assert graphs.invert_disallowed_to_allowed({a: [a], b: [a, b]}, [a, b]) == {a: [b], b: []}
    for wrong in ([1], {}, {a: b}, {a: [b], c: [a]}, {a: [], b: []}):
        with pytest.raises(ValueError, match="transitions"):
            graphs.check_graph_validity(wrong, [a, b])  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="b"):
        graphs.check_graph_validity({a: [a, b]}, [a, b])


def test_drawing_a_graph_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "networkx", None)
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(ImportError, match="pip install matplotlib networkx"):
        graphs.visualize_speaker_transitions_dict({}, [])


# -- colours


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "ANSI_COLORS_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    colored = formatting_utils.colored
    assert colored("x", "red") == "x"
    assert colored("x", "red", "on_grey", ["bold"], force_color=True) == "\033[31m\033[40m\033[1mx\033[0m"
    assert colored("x", "red", no_color=True, force_color=True) == "x"
    assert colored(7, force_color=True) == "7"
    monkeypatch.setenv("FORCE_COLOR", "1")
    formatting_utils.cprint("x", "light_green", end="")
    assert capsys.readouterr().out == "\033[92mx\033[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert colored("x", "red") == "x"
    with pytest.raises(KeyError):
        colored("x", "octarine")


# -- answers of problems


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        (r"first \boxed{1}, then \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        (r"so \fbox{4}", None),
        (r"so \boxed 7$", "7"),
        (r"never \boxed{closed", None),
        ("none", None),
        (None, None),
    ],
)
def test_the_answer_is_in_the_last_box(solution: str | None, answer: str | None) -> None:
    assert math_utils.get_answer(solution) == answer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\frac12", "1/2"),
        (r"\dfrac{1}{2}", "0.5"),
        (".5", "0.5"),
        ("x = 5", "5"),
        (r"50\%", "50"),
        (r"90^\circ", "90"),
        (r"3\text{ cm}", "3"),
        ("1,234", "1234"),
        (r"\sqrt3", r"\sqrt{3}"),
        (r"\left( 1, 2 \right)", "(1,2)"),
    ],
)
def test_answers_are_the_same_however_written(one: str, other: str) -> None:
    assert math_utils.is_equiv(one, other) == 1.0


@pytest.mark.parametrize(("one", "other"), [("1", "2"), ("(1,200)", "(1200)"), ("1", None), ("12", "1/2")])
def test_other_answers_are_not(one: str, other: str | None) -> None:
    assert math_utils.is_equiv(one, other) == 0.0


def test_responses_are_judged() -> None:
    responses = [r"\boxed{1/2}", r"\boxed{\frac12}", r"\boxed{3}"]
    judged = math_utils.eval_math_responses(responses, r"It is \boxed{3}")

    assert judged["expected_success"] == pytest.approx(1 - (2 / 3) ** 3)
    assert (judged["success"], judged["success_vote"]) == (True, 0.0)
    assert (judged["voted_answer"], judged["votes"]) == (responses[0], 2)
    assert math_utils.eval_math_responses([])["votes"] == 0
    assert math_utils.eval_math_responses(["none"], r"\boxed{3}")["success"] is False


# -- files and pages


PAGE = """<html><head><title>A page</title><style>p {}</style></head><body><h2>Part</h2>
<p>Some <b>bold</b> text and <a href="/more">more</a>.<ul><li>one</li><li>two</li></ul><pre>x =
  1</pre><script>alert()</script></body></html>"""
MARKDOWN = "# A page\n\n## Part\n\nSome **bold** text and [more](http://example.org/more).\n\n- one\n- two\n\n```\nx =\n  1\n```"


def test_pages_become_markdown() -> None:
    assert files.parse_html_to_markdown(PAGE, "http://example.org/here") == MARKDOWN


def test_text_is_cut_into_chunks_and_nothing_is_lost() -> None:
    lines = [f"line {number} of a text" if number % 5 else "" for number in range(40)]
    text = "\n".join(lines)
    for must_break in (True, False):
        chunks = files.split_text_to_chunks(text, 60, must_break_at_empty_line=must_break)
        assert len(chunks) > 3
        assert all(tokens.count_token(chunk) <= 60 for chunk in chunks)
        assert [line for chunk in chunks for line in chunk.split("\n") if line] == list(filter(None, lines))
    one_line = files.split_text_to_chunks(text, 60, "one_line")
    assert one_line == list(filter(None, lines))
    overlapping = files.split_text_to_chunks("\n".join(one_line), 60, must_break_at_empty_line=False, overlap=1)
    assert overlapping[1].split("\n")[0] == overlapping[0].split("\n")[-1]


def test_a_long_line_is_cut_by_itself() -> None:
    line = "word " * 400
    chunks = files.split_text_to_chunks(line, 50)
    assert all(tokens.count_token(chunk) <= 50 for chunk in chunks)
    assert " ".join(" ".join(chunks).split()) == line.strip()
    assert "".join(files.split_text_to_chunks("x" * 500, 20)) == "x" * 500
    for wrong in ({"chunk_mode": "pages"}, {"max_tokens": 0}, {"overlap": -1}):
        with pytest.raises(AssertionError, match="split_text_to_chunks"):
            files.split_text_to_chunks(line, **wrong)  # type: ignore[arg-type]


def test_files_are_found_and_cut(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.txt").write_text("some text")
    (tmp_path / "inner" / "b.html").write_text("<p>a page</p>")
    (tmp_path / "c.bin").write_bytes(b"\0")
    (tmp_path / "empty.md").write_text(" ")

    found = files.get_files_from_dir(tmp_path)
    assert found == [str(tmp_path / name) for name in ("a.txt", "empty.md", "inner/b.html")]
    assert files.get_files_from_dir([tmp_path / "a.txt", tmp_path / "c.bin"]) == [str(tmp_path / "a.txt")]
    assert len(files.get_files_from_dir(tmp_path, types="all", recursive=False)) == 3
    with pytest.raises(FileNotFoundError, match="nowhere"):
        files.get_files_from_dir(tmp_path / "nowhere")

    with pytest.warns(UserWarning, match="no text"):
        chunks, sources = files.split_files_to_chunks(found)
    assert chunks == ["some text", "a page"]
    assert [source["source"] for source in sources] == [found[0], found[2]]
    chunks, _ = files.split_files_to_chunks(found[:1], custom_text_split_function=str.split)
    assert chunks == ["some", "text"]


@pytest.fixture
def site() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, kind = (b"a,b", "text/csv") if self.path.endswith(".csv") else (PAGE.encode(), "text/html")
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_pages_and_files_of_the_web_are_saved(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path, url = files.get_files_from_dir(f"{site}/docs/page.html")[0]
    assert (tmp_path / path).name == "page.md"
    assert (tmp_path / path).read_text().startswith("# A page\n\n## Part")
    assert url == f"{site}/docs/page.html"
    chunks, sources = files.split_files_to_chunks([(path, url)])
    assert sources == [{"source": url}] * len(chunks)
    files.get_file_from_url(f"{site}/x.csv", str(tmp_path / "deep" / "x.csv"))
    assert (tmp_path / "deep" / "x.csv").read_text() == "a,b"
    with pytest.raises(ValueError, match="http"):
        files.get_file_from_url("file:///etc/passwd")
    assert not files.is_url("http://[")


def test_vector_stores_are_elsewhere_and_pdf_needs_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImportError, match="vector store"):
        from quorate_autogen_compat.retrieve_utils import create_vector_db_from_dir  # noqa: F401
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(ImportError, match="pip install pypdf"):
        files.split_files_to_chunks([tmp_path / "a.pdf"])
