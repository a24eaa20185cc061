"""Task families: lists of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrasing import Family, Slots
from .values import count, list_slots, listed, natural

if TYPE_CHECKING:
    import random


def three_or_more(r: random.Random) -> Slots:
    """A list that cannot be mistaken for two operands."""
    return list_slots(r, 3)


def repeated(r: random.Random) -> Slots:
    """A list in which numbers come again."""
    few = [str(natural(r, 2)) for _ in range(r.randint(1, 4))]
    items = sorted(r.choices(few, k=r.randint(3, 9))) if r.random() < 0.5 else r.choices(few, k=r.randint(3, 9))
    return {"x": (listed(r, items), "[" + ", ".join(items) + "]"), "c": r.choice(items)}


def with_factor(r: random.Random) -> Slots:
    """A list and a number for each of its items."""
    return {**list_slots(r), "n": count(r, 20)}


_X = "[{x}|{x}|{x}|these @nums: {x}|these @nums: {x}|the list {x}|the @nums {x}|the following @nums: {x}|this list: {x}|the following: {x}|[my |]numbers {x}|a list like {x}|the list of {x}]"
_UP = "[from smallest to largest|in ascending order|ascending|from low to high|from least to greatest|in increasing order|from lowest to highest|numerically|in order|low to high|smallest first|smallest to biggest]"
_DOWN = "[from largest to smallest|in descending order|descending|from high to low|from greatest to least|in decreasing order|from highest to lowest|in reverse order|high to low|largest first|biggest to smallest|biggest first]"

LISTS = (
    Family(
        "sort",
        6,
        list_slots,
        "print(sorted({x}))",
        (
            f"@do sort {_X}",
            f"@do [sort|order|arrange|put|rank] {_X} {_UP}",
            f"@do [sort|order|arrange] {_X}",
            f"@do [sort|order|arrange] [these|the|some] @nums {_UP}: {{x}}",
            "sort: {x}",
            "sort {x}",
            "[sort|order] [ascending|up]: {x}",
            f"{{x}} [sorted|in order|sorted {_UP}|{_UP}]",
            f"@do put {_X} in order",
            "what is {x} sorted?",
            f"@the sorted [version|order|list] of {_X}",
        ),
    ),
    Family(
        "sort down",
        5,
        list_slots,
        "print(sorted({x}, reverse=True))",
        (
            f"@do [sort|order|arrange|put|rank|list] {_X} {_DOWN}",
            f"@do [sort|order|arrange] [these|the] @nums {_DOWN}: {{x}}",
            f"[sort|order|rank] {_DOWN}: {{x}}",
            "[reverse sort|sort descending|sort desc|sort down]: {x}",
            f"{{x}} sorted {_DOWN}",
            "@do reverse sort {x}",
        ),
    ),
    Family(
        "max",
        4,
        list_slots,
        "print(max({x}))",
        (
            f"@the [largest|biggest|highest|maximum|max|greatest|top] [number|value|element|item|one|] [of|in|from|among] {_X}?",
            "[max|maximum|largest|biggest|highest] [of|in|:] {x}",
            "[which|what] [number|one|value|] is [the largest|the biggest|the highest|the greatest|largest|biggest|highest|bigger|larger|greater] [of|in|among|:] {x}?",
            "max({x})",
            "[which|what] [number|one|] is [larger|bigger|greater|higher|more], {x}?",
            "which of {x} is [the largest|the biggest|the highest|larger|bigger]?",
            "[what is|which is|] [larger|bigger|more|greater]: {x}?",
        ),
    ),
    Family(
        "min",
        4,
        list_slots,
        "print(min({x}))",
        (
            f"@the [smallest|lowest|minimum|min|least|tiniest] [number|value|element|item|one|] [of|in|from|among] {_X}?",
            "[min|minimum|smallest|lowest] [of|in|:] {x}",
            "[which|what] [number|one|value|] is [the smallest|the lowest|the least|smallest|lowest|smaller|lower] [of|in|among|:] {x}?",
            "min({x})",
            "[which|what] [number|one|] is [smaller|lower|less], {x}?",
            "which of {x} is [the smallest|the lowest|smaller]?",
        ),
    ),
    Family(
        "sum",
        5,
        three_or_more,
        "print(sum({x}))",
        (
            f"@the [sum|total] of {_X}?",
            f"@do [add|add up|sum|sum up|total] {_X}",
            "[sum|total|add up|add|sum up] [of|:] {x}",
            "sum({x})",
            "what do {x} [add up to|sum to|make|come to]?",
            "@do add {x} together",
            f"@do add {_X} up",
            "{x} [in total|added up|summed|all together]",
            "[i spent|i paid|i ran|i sold|my scores are|i have|my bills are|the prices are] {x}. [how much is that in total|what is the total|what is the sum|how much is that altogether]?",
            "how much is {x} [together|in total|altogether]?",
        ),
    ),
    Family(
        "mean",
        5,
        list_slots,
        "x = {x}\nprint(sum(x) / len(x))",
        (
            f"@the [average|mean|avg|arithmetic mean|average value] of {_X}?",
            "[average|mean|avg] [of|:|for] {x}",
            f"@do [average|find the mean of|calculate the average of] {_X}",
            "[my|the] [scores|grades|marks|temperatures|results|test scores] [are|were] {x}. what is [the|my] average?",
            "average of {x}",
            "mean({x})",
            "on average, how much is {x}?",
            "i [got|scored|ran|walked|slept] {x}. what is [the|my] average?",
        ),
    ),
    Family(
        "median",
        3,
        list_slots,
        "from statistics import median\nprint(median({x}))",
        (
            f"@the median [value|] of {_X}?",
            "median [of|:] {x}",
            "@the middle [value|number] of {x}?",
            "median({x})",
            f"@do find the median of {_X}",
        ),
    ),
    Family(
        "reverse",
        4,
        list_slots,
        "print({x}[::-1])",
        (
            f"@do [reverse|flip|invert|turn around] {_X}",
            "[reverse|reversed|backwards]: {x}",
            "{x} [reversed|backwards|in reverse]",
            f"@do reverse the order of {_X}",
            f"@do [write|print|give me|show] {_X} [backwards|in reverse|the other way around]",
            "what is {x} [reversed|backwards]?",
            "@the reverse of the list {x}?",
        ),
    ),
    Family(
        "product",
        4,
        three_or_more,
        "from math import prod\nprint(prod({x}))",
        (
            f"@the product of {_X}?",
            f"@do multiply {_X}",
            "product [of|:] {x}",
            "@do multiply {x} [together|with each other]",
            f"@do multiply all [of|] {_X}",
            "@do multiply all [the|] numbers in {x}",
        ),
    ),
    Family(
        "count evens",
        2,
        list_slots,
        "print(sum(n % 2 == 0 for n in {x}))",
        (
            f"@howmany even [numbers|values] [are|are there] [in|among] {_X}?",
            "@howmany of {x} are even?",
            "count the even [numbers|ones] in {x}",
        ),
    ),
    Family(
        "count odds",
        2,
        list_slots,
        "print(sum(n % 2 == 1 for n in {x}))",
        (
            f"@howmany odd [numbers|values] [are|are there] [in|among] {_X}?",
            "@howmany of {x} are odd?",
            "count the odd [numbers|ones] in {x}",
        ),
    ),
    Family(
        "evens",
        2,
        list_slots,
        "print([n for n in {x} if n % 2 == 0])",
        (
            "which [numbers|ones|] [in|of] {x} are even?",
            f"@do [find|show|get|filter|keep|pick|pick out|select|give me] [only |][the |]even [numbers|ones] [from|in|of|out of] {_X}",
            "[even numbers|evens] in {x}",
            "@do remove the odd [numbers|ones] from {x}",
        ),
    ),
    Family(
        "odds",
        2,
        list_slots,
        "print([n for n in {x} if n % 2 == 1])",
        (
            "which [numbers|ones|] [in|of] {x} are odd?",
            f"@do [find|show|get|filter|keep|pick|pick out|select|give me] [only |][the |]odd [numbers|ones] [from|in|of|out of] {_X}",
            "[odd numbers|odds] in {x}",
            "@do remove the even [numbers|ones] from {x}",
        ),
    ),
    Family(
        "unique",
        3,
        repeated,
        "print(list(dict.fromkeys({x})))",
        (
            f"@do [remove|delete|drop|get rid of|take out] [the |all |any |][duplicates|repeated numbers|double numbers|doubles] [from|in|of] {_X}",
            f"@the [unique|distinct|different] [numbers|values|elements] [of|in|from] {_X}?",
            "[unique values|distinct numbers|unique|deduplicate|dedupe]: {x}",
            f"@do [deduplicate|dedupe] {_X}",
            "which [different|distinct|unique] numbers are in {x}?",
        ),
    ),
    Family(
        "list length",
        3,
        list_slots,
        "print(len({x}))",
        (
            f"@howmany [numbers|elements|items|values|entries] [are|are there] in {_X}?",
            "@the [length|size] of the list {x}?",
            "how long is [the|this] list[:|] {x}?",
            "@do count the [numbers|elements|items|values] in {x}",
            "length of {x}",
            "len({x})",
            "@howmany [numbers|elements|items] does {x} have?",
        ),
    ),
    Family(
        "occurrences",
        2,
        repeated,
        "print({x}.count({c}))",
        (
            "@howmany times does {c} [appear|occur|come up|show up] in {x}?",
            "how often [does|is] {c} [appear|] in {x}?",
            "@do count [the |how many times |]{c} in {x}",
            "@howmany {c}s are in {x}?",
        ),
    ),
    Family(
        "range",
        2,
        list_slots,
        "x = {x}\nprint(max(x) - min(x))",
        (
            f"@the range of {_X}?",
            "@the difference between the [largest|biggest|maximum|highest] and [the |][smallest|minimum|lowest] [number |value |]of {x}?",
            "max minus min of {x}",
            "range of the numbers {x}",
        ),
    ),
    Family(
        "double each",
        1,
        list_slots,
        "print([n * 2 for n in {x}])",
        (
            f"@do double [each|every] [number|one|element|item|value] [in|of] {_X}",
            "@do [double|multiply by 2] all [of |]the numbers in {x}",
            "double every element: {x}",
        ),
    ),
    Family(
        "square each",
        2,
        list_slots,
        "print([n ** 2 for n in {x}])",
        (
            f"@do square [each|every] [number|one|element|item|value] [in|of] {_X}",
            "@do square all [of |]the numbers in {x}",
            "@the squares of {x}?",
            f"squares of {_X}",
            "square each: {x}",
        ),
    ),
    Family(
        "scale each",
        1,
        with_factor,
        "print([n * {n} for n in {x}])",
        (
            f"@do multiply [each|every] [number|one|element|item|value] [in|of] {_X} by {{n}}",
            "@do multiply all the numbers in {x} by {n}",
            "multiply {x} each by {n}",
        ),
    ),
    Family(
        "add each",
        1,
        with_factor,
        "print([n + {n} for n in {x}])",
        (
            f"@do add {{n}} to [each|every] [number|one|element|item|value] [in|of] {_X}",
            "@do add {n} to all the numbers in {x}",
        ),
    ),
    Family(
        "second largest",
        1,
        three_or_more,
        "print(sorted({x})[-2])",
        (
            f"@the second [largest|biggest|highest] [number |value |][of|in|from] {_X}?",
            "second [largest|highest] of {x}",
        ),
    ),
)
