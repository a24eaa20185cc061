"""Generation parameters from three layers to one plan. Needs no torch."""

from __future__ import annotations

import pytest

from quorate.errors import ModelError
from quorate_hf_local_client._parameters import Plan, plan_of

QWEN = {"do_sample": True, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "repetition_penalty": 1.05, "max_length": 20}


def test_nothing_said_means_greedy():
    assert plan_of({}, []) == Plan()


def test_the_model_s_defaults_count():
    plan = plan_of(QWEN, [])
    assert plan.warpers == {"temperature": 0.7, "top_p": 0.8, "top_k": 20}
    assert plan.others == {"repetition_penalty": 1.05}
    assert plan.max_length is None, "a length that nobody chose"


@pytest.mark.parametrize(
    ("layers", "warpers"),
    [
        ([{"temperature": 0}], None),
        ([{"temperature": 0.5}], {"temperature": 0.5}),
        ([{"top_p": 0.5}], {"top_p": 0.5}),
        ([{"temperature": 0.5}, {"temperature": 0}], None),
        ([{"temperature": 0}, {"temperature": 0.5}], {"temperature": 0.5}),
        ([{"do_sample": False}, {}], None),
        ([{"do_sample": True, "typical_p": 0.9}], {"typical_p": 0.9}),
        ([{"temperature": 0.5, "do_sample": False}], None),
    ],
)
def test_when_tokens_are_drawn(layers, warpers):
    assert plan_of({}, layers).warpers == warpers


def test_a_temperature_of_0_beats_the_model_s_defaults():
    assert plan_of(QWEN, [{"temperature": 0.0}]).warpers is None


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens", "max_new_tokens"])
def test_names_of_the_length(name):
    assert plan_of({}, [{"max_length": 1000}, {name: 5}]) == Plan(max_new_tokens=5)
    assert plan_of({}, [{name: 5}, {"max_length": 1000}]) == Plan(max_length=1000)
    assert plan_of({}, [{name: 5, "max_length": 1000}]) == Plan(max_new_tokens=5, max_length=1000)


def test_stop_n_and_seed():
    plan = plan_of({}, [{"stop": "\n", "n": 3, "seed": 7, "temperature": None, "stream": True, "num_beams": 1}])
    assert plan == Plan(n=3, stop=("\n",), seed=7)
    assert plan_of({}, [{"stop": ["a", "b"]}]).stop == ("a", "b")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"temperature": -1}, "temperature=-1: must be a number from 0"),
        ({"temperature": "hot"}, "temperature='hot': must be a number"),
        ({"temperature": float("nan")}, "temperature=nan"),
        ({"top_p": 0}, "top_p=0: must be"),
        ({"max_tokens": 0}, "max_tokens=0: must be a whole number above 0"),
        ({"max_tokens": 1.5}, "max_tokens=1.5: must be"),
        ({"max_tokens": True}, "max_tokens=True: must be"),
        ({"n": 0}, "n=0: must be"),
        ({"stop": ["a", ""]}, "stop=['a', '']: must be texts, none empty"),
        ({"stop": [1]}, "stop=[1]: must be texts"),
        ({"seed": "x"}, "seed='x': must be a whole number"),
        ({"do_sample": "yes"}, "do_sample='yes': must be true or false"),
        ({"logprobs": True}, "logprobs=True: hf-local has no such parameter"),
        ({"num_beams": 4}, "num_beams=4: hf-local has no such parameter"),
    ],
)
def test_what_cannot_be_done_is_refused(given, said):
    with pytest.raises(ModelError) as caught:
        plan_of({}, [given])
    assert caught.value.kind == "bad_request"
    assert said in str(caught.value)
