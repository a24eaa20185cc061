"""The door: blocking twins of ``a_`` methods, and overrides of either."""

from __future__ import annotations

import asyncio
import inspect
import threading

import pytest

from quorate._drive import Twins, blocking, call


class Base(Twins):
    async def a_speak(self, word, *, times: int = 1) -> str:
        """Say something."""
        return " ".join([await call("tool", str.upper, word)] * times)

    speak = blocking(a_speak)

    async def a_tell(self, word):
        """Kernel code that calls the other method."""
        return f"told {await self.a_speak(word)}"

    tell = blocking(a_tell)


def outcomes(speaker, word="hi"):
    """What each of the four public methods gives."""
    return {
        speaker.speak(word),
        asyncio.run(speaker.a_speak(word)),
        speaker.tell(word).removeprefix("told "),
        asyncio.run(speaker.a_tell(word)).removeprefix("told "),
    }


class AsyncOver(Base):
    async def a_speak(self, word, *, times=1):
        return f"<{await super().a_speak(word, times=times)}>"


class PlainOver(Base):
    def speak(self, word, *, times=1):
        return f"[{super().speak(word, times=times)}]"


class AsyncOverAsync(AsyncOver):
    async def a_speak(self, word, *, times=1):
        return f"2{await super().a_speak(word, times=times)}"


class AsyncOverPlain(PlainOver):
    async def a_speak(self, word, *, times=1):
        return f"2{await super().a_speak(word, times=times)}"


class PlainOverAsync(AsyncOver):
    def speak(self, word, *, times=1):
        return f"2{super().speak(word, times=times)}"


class PlainOverPlain(PlainOver):
    def speak(self, word, *, times=1):
        return f"2{super().speak(word, times=times)}"


class AsyncOverNothing(AsyncOverPlain):
    """Inherits a chain of overrides."""


class PlainMixin:
    def speak(self, word, *, times=1):
        return f"({super().speak(word, times=times)})"


class AsyncMixin:
    async def a_speak(self, word, *, times=1):
        return f"({await super().a_speak(word, times=times)})"


class WithPlainMixin(PlainMixin, AsyncOver):
    pass


class WithAsyncMixin(AsyncMixin, PlainOver):
    pass


class CallsTheOther(Base):
    async def a_speak(self, word, *, times=1):
        return f"<{super().speak(word, times=times)}>"


OVERRIDES = {
    Base: "HI",
    AsyncOver: "<HI>",
    PlainOver: "[HI]",
    AsyncOverAsync: "2<HI>",
    AsyncOverPlain: "2[HI]",
    PlainOverAsync: "2<HI>",
    PlainOverPlain: "2[HI]",
    AsyncOverNothing: "2[HI]",
    WithPlainMixin: "(<HI>)",
    WithAsyncMixin: "([HI])",
    CallsTheOther: "<HI>",
}


@pytest.mark.parametrize(("speaker", "said"), OVERRIDES.items(), ids=[each.__name__ for each in OVERRIDES])
def test_overrides_are_honoured_in_both_modes_and_from_kernel_code(speaker, said):
    assert outcomes(speaker()) == {said}


def test_a_class_may_override_both():
    class Both(Base):
        def speak(self, word, *, times=1):
            return "plain"

        async def a_speak(self, word, *, times=1):
            return "async"

    assert Both().speak("hi") == "plain"
    assert asyncio.run(Both().a_speak("hi")) == "async"
    assert Both().tell("hi") == "told async"


def test_an_override_of_one_object_is_honoured():
    speaker = Base()

    async def a_speak(word):
        return "mine"

    speaker.a_speak = a_speak
    assert outcomes(speaker) == {"mine"}
    assert outcomes(Base()) == {"HI"}


@pytest.mark.parametrize("name", ["speak", "a_speak"])
def test_what_a_program_assigns_to_one_object_serves_for_both(name):
    """AutoGen 0.2's programs do so with ``get_human_input``; it may await what it likes."""

    def plain(word, *, times=1):
        return f"<{word}>"

    async def later(word, *, times=1):
        await asyncio.sleep(0)
        return plain(word)

    for func in (plain, later):
        speaker = Base()
        setattr(speaker, name, func)
        assert (speaker.tell("hi"), asyncio.run(speaker.a_tell("hi"))) == ("told <hi>", "told <hi>")
        assert asyncio.run(speaker.a_speak("hi")) == "<hi>"
    speaker.word = plain
    assert speaker.word is plain


def test_a_plain_override_may_give_an_awaitable():
    class Later(Base):
        def speak(self, word, *, times=1):
            return asyncio.sleep(0, f"later {word}")

    assert Later().tell("hi") == "told later hi"
    assert asyncio.run(Later().a_tell("hi")) == "told later hi"


def test_a_plain_override_runs_in_the_caller_s_thread_or_beside_the_loop():
    class Where(Base):
        def speak(self, word, *, times=1):
            return str(threading.get_ident())

    here = str(threading.get_ident())
    assert Where().tell("") == f"told {here}"
    assert asyncio.run(Where().a_tell("")) != f"told {here}"


def test_what_is_no_pair_is_left_alone():
    class Other(Base):
        speak_up = property(lambda self: "a property")

        async def a_shout(self):
            return "no plain name"

    assert Other().speak_up == "a property"
    assert not hasattr(Other, "shout")
    assert Other.speak is Base.speak
    assert Other.a_speak is Base.a_speak


def test_without_twins_an_override_of_the_a_method_is_honoured():
    class Plain:
        async def a_speak(self):
            return "base"

        speak = blocking(a_speak)

    class Sub(Plain):
        async def a_speak(self):
            return "sub " + await super().a_speak()

    assert Plain().speak() == "base"
    assert Sub().speak() == "sub base"


def test_a_twin_has_the_signature_name_and_documentation_of_its_body():
    assert inspect.signature(Base.speak) == inspect.signature(Base.a_speak)
    assert inspect.signature(Base().speak) == inspect.signature(Base().a_speak)
    assert Base.speak.__name__ == "speak"
    assert Base.speak.__qualname__ == "Base.speak"
    assert Base.speak.__module__ == __name__
    assert Base.speak.__doc__ == "Say something."
    assert Base.speak.__quorate_body__ is Base.a_speak
    assert not inspect.iscoroutinefunction(Base.speak)


def test_a_twin_refuses_what_its_body_refuses():
    with pytest.raises(TypeError, match="unexpected keyword argument 'loud'"):
        Base().speak("hi", loud=True)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'word'"):
        Base().speak()
