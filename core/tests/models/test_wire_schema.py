"""Structured output: what a pydantic class becomes on the wire."""

from __future__ import annotations

from typing import Generic, TypeVar

import pytest
from pydantic import BaseModel

from quorate.errors import ModelError
from quorate.models.wire import build_request
from quorate.models.wire_schema import json_schema_format

T = TypeVar("T")


class Part(BaseModel):
    name: str
    count: int = 1


class Order(BaseModel):
    parts: list[Part]
    note: str | None = None


class Tally(BaseModel):
    counts: dict[str, int]


class Boxed(BaseModel, Generic[T]):
    value: T


def test_every_object_is_closed_and_every_property_required():
    sent = json_schema_format(Order)
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["name"] == "Order"
    assert sent["json_schema"]["strict"] is True
    schema = sent["json_schema"]["schema"]
    assert schema["required"] == ["parts", "note"]
    assert schema["additionalProperties"] is False
    part = schema["$defs"]["Part"]
    assert part["required"] == ["name", "count"]
    assert part["additionalProperties"] is False
    assert "default" not in part["properties"]["count"]


def test_open_objects_are_sent_as_they_are_without_strictness():
    sent = json_schema_format(Tally)["json_schema"]
    assert sent["strict"] is False
    assert sent["schema"] == Tally.model_json_schema()


def test_a_wire_response_format_is_sent_as_it_is():
    wire = {"type": "json_object"}
    assert build_request([], model="m", response_format=wire)["response_format"] is wire


def test_names_are_made_fit_for_the_wire():
    assert json_schema_format(Boxed[int])["json_schema"]["name"] == "Boxed_int_"


@pytest.mark.parametrize("bad", ["json", int, Order(parts=[])])
def test_anything_else_is_refused(bad):
    with pytest.raises(ModelError, match="pydantic class") as caught:
        json_schema_format(bad)
    assert caught.value.kind == "bad_request"
