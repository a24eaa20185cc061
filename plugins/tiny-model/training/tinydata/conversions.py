"""Task families: conversions of units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrasing import Family, Slots
from .values import natural, spelled

if TYPE_CHECKING:
    import random

# unit from, unit to, code
UNITS = (
    ("hours|hrs|hour", "minutes|mins", "{a} * 60"),
    ("minutes|mins|minute", "seconds|secs", "{a} * 60"),
    ("hours|hour", "seconds", "{a} * 3600"),
    ("days|day", "hours", "{a} * 24"),
    ("weeks|week", "days", "{a} * 7"),
    ("years|year", "months", "{a} * 12"),
    ("days|day", "minutes", "{a} * 1440"),
    ("days|day", "seconds", "{a} * 86400"),
    ("years|year", "weeks", "{a} * 52"),
    ("years|year", "days", "{a} * 365"),
    ("weeks|week", "hours", "{a} * 168"),
    ("minutes|mins", "hours|hrs", "{a} / 60"),
    ("seconds|secs", "minutes|mins", "{a} / 60"),
    ("hours", "days", "{a} / 24"),
    ("days", "weeks", "{a} / 7"),
    ("months", "years", "{a} / 12"),
    ("decades|decade", "years", "{a} * 10"),
    ("centuries|century", "years", "{a} * 100"),
    ("dozen", "eggs|pieces|items|donuts|", "{a} * 12"),
    ("kilometers|kilometres|km|kms", "meters|metres|m", "{a} * 1000"),
    ("meters|metres|m|meter", "centimeters|cm|centimetres", "{a} * 100"),
    ("centimeters|cm", "millimeters|mm", "{a} * 10"),
    ("meters|m", "millimeters|mm", "{a} * 1000"),
    ("meters|metres|m", "kilometers|km", "{a} / 1000"),
    ("centimeters|cm", "meters|metres|m", "{a} / 100"),
    ("millimeters|mm", "centimeters|cm", "{a} / 10"),
    ("kilograms|kg|kilos|kilo|kilogram", "grams|g", "{a} * 1000"),
    ("grams|g", "kilograms|kg|kilos", "{a} / 1000"),
    ("tons|tonnes", "kilograms|kg", "{a} * 1000"),
    ("liters|litres|l|liter", "milliliters|ml|millilitres", "{a} * 1000"),
    ("milliliters|ml", "liters|litres|l", "{a} / 1000"),
    ("miles|mi|mile", "kilometers|km|kilometres", "{a} * 1.609344"),
    ("kilometers|km|kilometres", "miles|mi", "{a} / 1.609344"),
    ("inches|inch|in", "centimeters|cm", "{a} * 2.54"),
    ("centimeters|cm", "inches|inch", "{a} / 2.54"),
    ("feet|ft|foot", "meters|metres|m", "{a} * 0.3048"),
    ("meters|metres|m", "feet|ft", "{a} / 0.3048"),
    ("feet|ft|foot", "inches", "{a} * 12"),
    ("yards|yard", "feet", "{a} * 3"),
    ("inches", "feet", "{a} / 12"),
    ("pounds|lbs|lb|pound", "kilograms|kg|kilos", "{a} * 0.45359237"),
    ("kilograms|kg|kilos", "pounds|lbs", "{a} / 0.45359237"),
    ("gallons|gallon", "liters|litres", "{a} * 3.785411784"),
    ("liters|litres", "gallons", "{a} / 3.785411784"),
    ("ounces|oz", "grams|g", "{a} * 28.349523125"),
    ("mph|miles per hour", "km/h|kmh|kilometers per hour|kph", "{a} * 1.609344"),
    ("km/h|kmh|kph", "mph|miles per hour", "{a} / 1.609344"),
)
HEAT = (
    ("celsius|degrees celsius|c|°c|degrees c|centigrade", "fahrenheit|f|degrees fahrenheit|°f", "{a} * 9 / 5 + 32"),
    ("fahrenheit|degrees fahrenheit|f|°f|degrees f", "celsius|c|degrees celsius|°c|centigrade", "({a} - 32) * 5 / 9"),
)
_ASKED = (
    "@do convert {{a}} [{u}] [to|into|in] [{v}]",
    "@what {{a}} [{u}] in [{v}]?",
    "{{a}} [{u}] [to|in|into] [{v}]",
    "how much is {{a}} [{u}] in [{v}]?",
    "{{a}} [{u}] = ? [{v}]",
    "@do [turn|change] {{a}} [{u}] into [{v}]",
    "convert [{u}] to [{v}]: {{a}}",
)
_ASKED_MANY = (
    "@howmany [{v}] [are in|are there in|make|is|in|are|do you get from|fit in|does it take to make] {{a}} [{u}]?",
    "how many [{v}] are {{a}} [{u}]?",
    "@howmany [{v}] [are in|in|are there in|does] {{a}} [{u}] [have|]?",
)


def amount(r: random.Random) -> Slots:
    """An amount of some unit."""
    if r.random() < 0.12:
        return {"a": spelled(r)}
    return {"a": str(natural(r, 4)) if r.random() < 0.75 else f"{natural(r, 2)}.{r.choice([5, 5, 25, 75, 2, 7])}"}


CONVERSIONS = tuple(
    Family(
        f"{u.split('|')[0]} to {v.split('|')[0]}",
        0.55,
        amount,
        f"print({code})",
        tuple(q.format(u=u, v=v) for q in _ASKED + _ASKED_MANY * 2),
    )
    for u, v, code in UNITS
) + tuple(
    Family(
        f"{u.split('|')[0]} to {v.split('|')[0]}",
        1.5,
        amount,
        f"print({code})",
        tuple(q.format(u=u, v=v) for q in _ASKED),
    )
    for u, v, code in HEAT
)
