"""No test of a contract can be lost in silence, and a known gap is named with its reason."""

from __future__ import annotations

import pytest

pytest_plugins = "pytester"

CLIENT = '''
from pytest_quorate import ModelClientContract
from quorate.models import BaseChatCompletionClient, CreateResult
from quorate.models.wire import wire_messages
from quorate.errors import ModelError


class Parrot(BaseChatCompletionClient):
    """It ignores all parameters."""

    async def create(self, messages, *, tools=(), tool_choice="auto", response_format=None, **params):
        if tools or response_format or "image_url" in repr(messages):
            raise ModelError("a parrot only repeats", kind="bad_request")
        last = wire_messages(messages)[-1]["content"]
        return CreateResult(last if isinstance(last, str) else last[0]["text"], model="parrot")


class Base(ModelClientContract):
    documented_refusals = dict.fromkeys(["n", "logprobs", "seed", "reasoning"], "It ignores all parameters.")

    def make_client(self):
        return Parrot(model="parrot")

'''


@pytest.fixture
def outcome(run_tests):
    """Runs a test class; gives the result of pytest."""
    return lambda code, *arguments: run_tests(CLIENT + code, *arguments)


def refused(result, *said):
    """The class was refused while it was being collected, with these words."""
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes(errors=1)
    for words in said:
        assert words in result.stdout.str()


def test_five_lines_run_the_whole_contract(outcome):
    result = outcome("class TestParrot(Base): pass\n")
    result.assert_outcomes(passed=52)


@pytest.mark.parametrize("body", ["def test_closing_twice_is_fine(self): pass", "test_closing_twice_is_fine = None"])
def test_a_test_that_is_defined_again_is_refused(outcome, body):
    result = outcome(f"class TestParrot(Base):\n    {body}\n")
    refused(result, "TestParrot.test_closing_twice_is_fine would replace or remove a test of", "known_gaps")


def test_a_mixin_cannot_do_it_either(outcome):
    code = "class Mixin:\n    def test_n(self): pass\n\nclass TestParrot(Mixin, Base): pass\n"
    refused(outcome(code), "TestParrot.test_n would replace or remove a test")


def test_nor_a_change_after_the_class_was_made(outcome):
    code = "class TestParrot(Base): pass\n\nTestParrot.test_n = None\n"
    refused(outcome(code), "TestParrot.test_n would replace or remove a test")


def test_nor_a_contract_on_top(outcome):
    code = "class TestParrot(Base, contract=True):\n    def test_n(self): pass\n"
    refused(outcome(code), "TestParrot.test_n would replace or remove a test")


def test_nor_switching_the_class_off(outcome):
    refused(outcome("class TestParrot(Base):\n    __test__ = False\n"), "TestParrot.__test__ would switch")


def test_what_the_tests_stand_on_cannot_be_replaced(outcome):
    refused(outcome("class TestParrot(Base):\n    async def _is_refused(self, *a, **k): return True\n"), "_is_refused")
    refused(outcome("class TestParrot(Base):\n    messages = []\n"), "messages would replace a part of")


def test_tests_of_ones_own_are_welcome(outcome):
    result = outcome("class TestParrot(Base):\n    def test_feathers(self): pass\n", "-k", "feathers")
    result.assert_outcomes(passed=1, deselected=52)


def test_a_missing_make_client_says_what_to_write(outcome):
    result = outcome("class TestNothing(ModelClientContract): pass\n", "-k", "closing")
    result.assert_outcomes(failed=1, deselected=51)
    result.stdout.fnmatch_lines(["*TestNothing must define make_client*"])


SILENT = "class Silent(Parrot):\n    def __init__(self): super().__init__(model='')\n    model_info = None\n\n"
GAP = SILENT + "class TestParrot(Base):\n    def make_client(self): return Silent()\n    known_gaps = {}\n"


def gaps(value):
    return GAP.replace("{}", value)


def test_a_known_gap_is_expected_with_its_reason(outcome):
    reason = "it has no idea of itself"
    names = ["test_it_has_the_methods_of_the_protocol", "test_what_it_declares_is_what_it_claims"]
    names += ["test_decide", "test_remaining_tokens"]
    result = outcome(gaps(repr(dict.fromkeys(names, reason))), "-rx")
    result.assert_outcomes(passed=48, xfailed=4)
    result.stdout.fnmatch_lines([f"*XFAIL*{reason}*"])


def test_a_gap_that_was_closed_fails(outcome):
    result = outcome("class TestParrot(Base):\n    known_gaps = {'test_decide': 'it cannot'}\n")
    result.assert_outcomes(passed=51, failed=1)
    result.stdout.fnmatch_lines(["*XPASS(strict)*it cannot*"])


def test_a_gap_can_be_one_case(outcome):
    closed = "class TestParrot(Base):\n    known_gaps = {'test_vision[create]': 'it cannot'}\n"
    outcome(closed).assert_outcomes(passed=51, failed=1)
    refused(outcome(closed.replace("[create]", "[created]")), "test_vision[created]", "test_vision[create_stream]")


def test_a_gap_has_a_reason_and_a_test(outcome):
    refused(outcome("class TestParrot(Base):\n    known_gaps = {'test_n': ' '}\n"), "has no reason")
    refused(outcome("class TestParrot(Base):\n    known_gaps = {'test_m': 'no'}\n"), "no test of its contract")


def test_a_failure_is_shown_with_what_the_contract_says(outcome):
    result = outcome(gaps("{}"), "-k", "declares")
    result.assert_outcomes(failed=1, deselected=51)
    result.stdout.fnmatch_lines(["*what the contract says*", "Why: agents look at*", "Fix: correct*"])


def test_documented_refusals_are_in_the_documentation(outcome):
    code = "class TestParrot(Base):\n    documented_refusals = {**Base.documented_refusals, 'n': 'It can do all.'}\n"
    result = outcome(code, "-k", "test_n")
    result.stdout.fnmatch_lines(["*quotes words that the docstring of Parrot does not hold*"])


def test_a_hung_client_is_told_apart(outcome):
    code = "import asyncio\n\nclass Hung(Parrot):\n    async def create(self, *a, **k): await asyncio.sleep(99)\n\n"
    code += "class TestParrot(Base):\n    patience = 0.2\n    def make_client(self): return Hung(model='m')\n"
    result = outcome(code, "-k", "context_manager")
    result.assert_outcomes(failed=1, deselected=51)
    result.stdout.fnmatch_lines(["*the client did not come back within 0.2 s*"])
