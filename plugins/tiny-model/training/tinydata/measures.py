"""Task families: speed, time, areas and volumes."""

from __future__ import annotations

from .phrasing import Family
from .stories import scene, three

MEASURES = (
    Family(
        "distance",
        4,
        scene,
        "print({a} * {c})",
        (
            "[if|] [a|the|my] [train|car|bus|plane|bike|ship|truck|cyclist|runner] [travels|goes|drives|moves|runs|flies] [at |]{a} [km|miles|kilometers|meters] [per|an|a|each] hour for {c} hours, how far does it [go|travel|get]?",
            "[a|the|my] [train|car|bus|plane|bike|ship] [travels|goes|drives|moves|flies] at {a} [km/h|mph|kmh|kilometers per hour|miles per hour|km per hour]. how far [does it go|does it get|is it|will it go] in {c} hours?",
            "how far [do i|do you|does a car|does a train|can i|can a car] [drive|go|get|travel] in {c} hours at {a} [km/h|mph|kmh|kilometers per hour|miles per hour]?",
            "i [drive|walk|run|cycle] [at |]{a} [km/h|mph|km per hour] for {c} hours. [how far is that|how far do i get|what distance is that]?",
        ),
    ),
    Family(
        "speed",
        4,
        scene,
        "print({a} / {c})",
        (
            "[a|the|my] [train|car|bus|plane|bike|ship|runner] [travels|goes|drives|covers|drove|covered|flies] {a} [km|miles|kilometers|meters] in {c} [hours|minutes|seconds]. [what is its [speed|average speed]|how fast is it|how fast does it go|what is the speed]?",
            "[i|we|{who}] [drove|walked|ran|cycled|went|drive|rode] {a} [km|miles|kilometers] in {c} hours[. |, ][what was [my|our|the] [speed|average speed]|how fast was [i|that|it]|how fast were we]?",
            "what [speed|average speed] is {a} [km|miles] in {c} hours?",
            "how fast is {a} [km|miles|meters] in {c} [hours|seconds|minutes]?",
        ),
    ),
    Family(
        "time",
        2,
        scene,
        "print({a} / {b})",
        (
            "how long does it take to [drive|go|travel|walk|fly] {a} [km|miles|kilometers] at {b} [km/h|mph|kmh|kilometers per hour|miles per hour]?",
            "[a|the|my] [train|car|bus] [goes|travels|drives] at {b} [km/h|mph|km per hour]. how [long|many hours] does it [take|need] for {a} [km|miles]?",
            "how many hours [are|is|for] {a} [km|miles] at {b} [km/h|mph]?",
        ),
    ),
    Family(
        "area",
        3,
        scene,
        "print({a} * {b})",
        (
            "@the area of a [rectangle|room|garden|field|rectangular room|floor|wall] [with sides|of|that is|with width|measuring|with length and width|with sides of length] {a} [by|and|x|times] {b}?",
            "[a|the|my] [rectangle|room|garden|field|floor|wall] is {a} [m|meters|feet|cm|] [by|x|long and|wide and] {b} [m|meters|feet|cm|][ long| wide|]. what is [its|the] area?",
            "area of a {a} by {b} [rectangle|room|field]",
            "area of a rectangle [with|of] [length|width] {a} and [width|height] {b}",
        ),
    ),
    Family(
        "perimeter",
        2,
        scene,
        "print(2 * ({a} + {b}))",
        (
            "@the perimeter of a [rectangle|room|garden|field] [with sides|of|that is|with width|measuring] {a} [by|and|x] {b}?",
            "[a|the|my] [rectangle|room|garden|field] is {a} [m|meters|feet|cm|] [by|x|long and|wide and] {b} [m|meters|feet|cm|][ long| wide|]. what is [its|the] perimeter?",
            "perimeter of a {a} by {b} [rectangle|room|field]",
        ),
    ),
    Family(
        "square area",
        1,
        scene,
        "print({a} ** 2)",
        ("@the area of a square [with|of] side [length |]{a}?", "area of a square with [side|sides of] {a}"),
    ),
    Family(
        "triangle area",
        1,
        scene,
        "print({a} * {b} / 2)",
        ("@the area of a triangle with [base {a} and height {b}|a base of {a} and a height of {b}]?",),
    ),
    Family(
        "circle area",
        1,
        scene,
        "from math import pi\nprint(pi * {a} ** 2)",
        ("@the area of a circle [with|of] radius {a}?", "area of a circle with [radius|a radius of] {a}"),
    ),
    Family(
        "circumference",
        1,
        scene,
        "from math import pi\nprint(2 * pi * {a})",
        ("@the circumference of a circle [with|of] radius {a}?",),
    ),
    Family(
        "volume",
        1,
        three,
        "print({a} * {b} * {c})",
        (
            "@the volume of a [box|room|cuboid|tank] [with sides|of|measuring|that is] {a} [by|x] {b} [by|x] {c}?",
            "volume of a {a} x {b} x {c} box",
        ),
    ),
)
