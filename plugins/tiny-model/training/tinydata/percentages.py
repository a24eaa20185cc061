"""Task families: percentages, discounts and taxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrasing import Family, Slots
from .values import money, natural, percent, positive, value

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

ITEMS = "shirt jacket laptop phone book game ticket chair bike coat bag watch camera tv table dress lamp pair of shoes sofa toy hat hotel room subscription car".split()


def part(r: random.Random) -> Slots:
    """A percentage and a number, or an amount of money."""
    return {"p": percent(r), "b": money(r) if r.random() < 0.5 else value(r, 4)}


def two_counts(r: random.Random) -> Slots:
    """Two natural numbers, the second at least one."""
    return {"a": str(natural(r, 3)), "b": str(positive(r, 3))}


def _with_item(draw: Callable[[random.Random], Slots]) -> Callable[[random.Random], Slots]:
    def slots(r: random.Random) -> Slots:
        drawn = draw(r)
        if drawn.get("a") in ("0", ("0", "0")):
            drawn["a"] = "7"
        return {**drawn, "i": r.choice(ITEMS)}

    return slots


_ASKED = (
    Family(
        "percent of",
        7,
        part,
        "print({b} * {p} / 100)",
        (
            "@what {p} of {b}?",
            "{p} of {b}",
            "{p} from {b}",
            "how much is {p} [of|from] {b}?",
            "@do [calculate|compute|find|take] {p} of {b}",
            "if i [take|get|have] {p} of {b}, how much is [that|it]?",
            "@what {p} out of {b}?",
        ),
    ),
    Family(
        "tip",
        3,
        part,
        "print({b} * {p} / 100)",
        (
            "@what [a|the] {p} tip [on|for|of] {b}?",
            "how much is a {p} tip [on|for] [a bill of {b}|a {b} bill|a {b} [meal|dinner|lunch|check|restaurant bill]|{b}]?",
            "how much [do i|should i|would i] tip [for|on] {b} at {p}?",
            "[tip|tax|vat|interest|commission|service charge] of {p} on {b}",
            "[the|my|our] [bill|check|dinner|meal] [is|was|came to] {b}. how much is a {p} tip?",
            "what is {p} [interest|tax|vat|commission] on {b}?",
            "how much [interest|tax|vat|commission] is {p} [on|of] {b}?",
            "how much [do i|can i|would i] save with {p} off [of|on|] {b}?",
            "how much is the discount [if|when] {b} is reduced by {p}?",
            "{p} tip on {b}",
        ),
    ),
    Family(
        "discount",
        4,
        part,
        "print({b} * (100 - {p}) / 100)",
        (
            "@what {b} [with|after] [a|] {p} [discount|off|reduction]?",
            "[a|the|my|this] {i} costs {b} and is {p} off. [what|how much] do i pay?",
            "what is the [price|final price|sale price|cost|new price] of a {b} {i} [after|with] [a {p} discount|{p} off]?",
            "{p} off [of|] {b}",
            "@do [decrease|reduce|lower|discount] {b} by {p}",
            "[a|the] {i} is {b} with a {p} discount, what [is the final price|do i pay|will it cost|is the price]?",
            "how much is {b} [minus|less] {p}?",
            "{b} minus {p}",
            "the price of [a|the] {i} dropped by {p} from {b}. what [is it|does it cost] now?",
            "if [a|the] {i} [is|costs] {b} and there is a {p} [discount|sale], how much [will it|does it|would it] cost?",
            "[a|] {b} {i} is on sale for {p} off, [what is the new price|how much is it|what does it cost]?",
            "{b} with {p} off",
            "{b} decreased by {p}",
        ),
    ),
    Family(
        "increase",
        3,
        part,
        "print({b} * (100 + {p}) / 100)",
        (
            "@do [increase|raise|grow] {b} by {p}",
            "@what {b} [plus|increased by] {p}?",
            "{b} plus {p}",
            "{b} increased by {p}",
            "@do add [a|] {p} [tax|vat|tip|interest|gst|] to {b}",
            "@what {b} with {p} [tax|vat|tip|interest|gst] [added|included|on top]?",
            "[a|the] {i} costs {b} plus {p} [tax|vat]. [what|how much] do i pay [in total|]?",
            "[my|the|our] [rent|salary|price|bill] [of|was] {b} [goes up|went up|rises|increases] by {p}. what is it now?",
            "what is the [total|total price|price|cost] of {b} [including|with|plus] {p} [tax|vat|tip]?",
            "[the|my|our] bill is {b} and i [want to|] tip {p}. what is the total?",
            "the price of [a|the] {i} [rose|went up|increased] by {p} from {b}. what is the new price?",
        ),
    ),
    Family(
        "what percent",
        4,
        two_counts,
        "print({a} * 100 / {b})",
        (
            "what [percentage|percent] is {a} of {b}?",
            "{a} is what [percent|percentage|%] of {b}?",
            "what [percent|percentage|%] of {b} is {a}?",
            "@what {a} out of {b} [as a percentage|as a percent|in percent|in %]?",
            "{a} out of {b} in percent",
            "@do [express|write|show|convert] {a} [of|out of|/] {b} as a percentage",
            "what percentage of {b} [is|does] {a} [make|]?",
            "{a} of {b} in percent",
            "i got {a} out of {b} [points|questions|answers|] [right|correct|], what percentage is that?",
            "{a} [out of|of] {b} [people|students|votes|players|customers] [said yes|agreed|passed|came]. what percentage is that?",
            "how many percent is {a} of {b}?",
            "what percent is {a} out of {b}?",
            "i scored {a} out of {b} on [a|the|my] test. what is that in percent?",
        ),
    ),
    Family(
        "percent change",
        1,
        two_counts,
        "print(({b} - {a}) * 100 / {a})",
        (
            "@the [percent|percentage] [change|increase] from {a} to {b}?",
            "by what [percent|percentage] does {a} [grow|increase|change] to [reach|become|] {b}?",
            "percentage increase from {a} to {b}",
            "by how many percent did the price rise from {a} to {b}?",
        ),
    ),
)

PERCENTAGES = tuple(Family(f.name, f.weight, _with_item(f.slots), f.code, f.questions) for f in _ASKED)
