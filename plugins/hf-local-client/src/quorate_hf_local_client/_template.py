"""The chat template of a model: what it takes, and messages as tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from quorate.errors import ConfigError, ModelError
from quorate_hf_local_client._shaping import abilities_of, fitted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.messages import Message
    from quorate_hf_local_client._settings import Settings


class Beginning(NamedTuple):
    """How an answer must begin, and how it would probably go on; the latter only decides where a token ends."""

    text: str = ""
    likely: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model reads.

    Attributes:
        ids: its tokens.
        begun: the beginning of the answer that is put into its mouth; its tokens are among ``ids``.
        notes: what was changed to fit the template, in words for people.
        thinking: whether the template itself opens the model's reasoning.
    """

    ids: list[int]
    begun: str
    notes: tuple[str, ...]
    thinking: bool


class Template:
    """A tokenizer with the chat template that a configuration chooses. Threads may share it.

    Args:
        tokenizer: the model's tokenizer.
        settings: the configuration.

    Raises:
        ConfigError: there is no chat template, or it cannot write a user's message.
    """

    def __init__(self, tokenizer: Any, settings: Settings) -> None:
        self._tokenizer = tokenizer
        self._settings = settings
        load = settings.load
        if settings.chat_template is None and not tokenizer.chat_template:
            msg = (
                f"{load.place}.model: {load.model!r} has no chat template (is it a base model, not one for chats?); "
                f"give chat_template: a Jinja template or its file"
            )
            raise ConfigError(msg)
        found = abilities_of(lambda messages, tools: self._render(messages, tools, tokenize=False))
        if found is None:
            msg = f"{load.place}.model: the chat template of {load.model!r} cannot write a user's message; give another chat_template"
            raise ConfigError(msg)
        self.abilities = found.declared(settings.info.system_role, settings.info.tools)

    def encode(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), begun: Beginning | None = None
    ) -> Prompt:
        """The messages as tokens, with the mark that an answer begins.

        Control tokens count only where the template writes them: in what people and programs say they are text.

        Args:
            messages: the conversation; it is not changed.
            tools: schemas of tools.
            begun: how the answer must begin, without reasoning before it; None leaves it to the model.

        Raises:
            MessageError: something is not a message.
            ModelError: the template cannot write these messages or tools (kind ``bad_request``).
        """
        shaped, notes = fitted(messages, self.abilities)
        if tools and not self.abilities.tools:
            msg = (
                f"the chat template of {self._settings.load.model!r} has no place for tools, or writes calls in another "
                f"way than <tool_call>{{json}}</tool_call>; use a model with tools, or give its chat_template"
            )
            raise ModelError(msg, kind="bad_request")
        try:
            ids: list[int] = list(self._render(shaped, list(tools), tokenize=True))
        except Exception as error:  # a template is somebody else's program, and may raise anything
            roles = ", ".join(str(each["role"]) for each in shaped[:20]) or "no messages"
            msg = f"the chat template of {self._settings.load.model!r} refuses these messages ({roles}): {error}"
            raise ModelError(msg, kind="bad_request") from error
        end = str(self._tokenizer.decode(ids[-8:], skip_special_tokens=False)).rstrip()
        thinking = end.endswith("<think>")
        if begun is None:
            return Prompt(ids, "", notes, thinking=thinking)
        tokens, text = self._whole_tokens(f"\n</think>\n\n{begun.text}" if thinking else begun.text, begun.likely)
        return Prompt([*ids, *tokens], text, notes, thinking=thinking)

    def words(self, text: str) -> list[int]:
        """The tokens of a plain text."""
        return list(self._tokenizer.encode(text, add_special_tokens=False))

    def _whole_tokens(self, text: str, likely: str) -> tuple[list[int], str]:
        """As much of a text as whole tokens hold when it goes on as is likely: a model does not know torn ones."""
        tokens = self.words(text + likely)
        for count in range(len(tokens), 0, -1):
            written = str(self._tokenizer.decode(tokens[:count]))
            if text.startswith(written):
                return tokens[:count], written
        return [], ""

    def _render(self, messages: list[dict[str, Any]], tools: list[Mapping[str, Any]], *, tokenize: bool) -> Any:
        options: dict[str, Any] = {
            "tools": tools or None,
            "chat_template": self._settings.chat_template,
            "add_generation_prompt": True,
            "return_dict": False,
            "sanitize_control_tokens": tokenize,
            "tokenize": tokenize,
            "tokenizer_kwargs": {"verbose": False},  # too long a prompt is an error of ours, with both numbers
        }
        return self._tokenizer.apply_chat_template(messages, **options, **self._settings.template_kwargs)
