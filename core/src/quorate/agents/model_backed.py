"""An agent with a model: its instructions, its clients, and what it used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from quorate._drive import blocking
from quorate.agents.model_reply import a_generate_oai_reply
from quorate.agents.person_backed import PersonBackedAgent
from quorate.agents.usage import tally_of
from quorate.errors import ConfigError
from quorate.events import UsageSummed
from quorate.kernel import unregistered_class
from quorate.messages import text_of
from quorate.models.usage import MODES as USAGE_MODES
from quorate.models.usage import Tally
from quorate.transforms.base import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from quorate.messages import Message


class ModelBackedAgent(PersonBackedAgent):
    """An agent that lets a model answer.

    Args:
        name: unique among the agents of a conversation.
        system_message: instructions to the model: text, or a list of content parts.
        llm_config: False or None for no model, or a dict: ``{"config_list": [...], **shared}``.
        description: what the agent is for, as others are told; the system message by default.
        transforms: what its model reads of a history: see :mod:`quorate.transforms`.
        **kwargs: as :class:`PersonBackedAgent` takes them.

    Attributes:
        client: the config list as one model client, which counts what it used; None for no model.
        usage: what this agent counted because its client did not; :meth:`get_total_usage` has both.
        transforms: applied in order before each model call; the list is the program's to change.

    Raises:
        AgentError: one of the transforms is none.
        ConfigError: a configuration cannot be used.
        MessageError: the system message is neither text nor a list of parts.
        UnknownName: it names something that no plugin offers.
    """

    def __init__(
        self,
        name: str,
        system_message: str | list[dict[str, Any]] | None = "",
        *,
        llm_config: Mapping[str, Any] | Literal[False] | None = None,
        description: str | None = None,
        transforms: Iterable[Any] = (),
        **kwargs: Any,
    ) -> None:
        self._system_message: str | list[dict[str, Any]] = ""
        self.update_system_message(system_message)
        super().__init__(name, text_of(self._system_message) if description is None else description, **kwargs)
        self.llm_config = llm_config
        self.client = None if llm_config is None or llm_config is False else self.kernel.chat_client(llm_config)
        self.usage = Tally()
        self.transforms: list[Any] = checked(transforms, name)

    def checked_transforms(self) -> list[Any]:
        """The transforms; the list may have been changed.

        Raises:
            AgentError: one of them is none.
        """
        return checked(self.transforms, self.name)

    @property
    def system_message(self) -> str | list[dict[str, Any]]:
        """Instructions to the model."""
        return self._system_message

    @property
    def tool_schemas(self) -> Sequence[Mapping[str, Any]]:
        """The schemas of the tools that this agent's model may call, in wire format."""
        return self.client.tools if self.client is not None else ()

    def update_system_message(self, system_message: str | list[dict[str, Any]] | None) -> None:
        """Give the model other instructions from the next reply on; None for none.

        Raises:
            MessageError: they are neither text nor a list of parts.
        """
        text_of(system_message)
        self._system_message = system_message or ""

    def system_messages(self) -> list[Message]:
        """The instructions as the first message of a request; none when they are empty."""
        return [{"role": "system", "content": self._system_message}] if self._system_message else []

    def register_model_client(self, model_client_cls: Callable[..., Any], **kwargs: Any) -> None:
        """Register a model client class of the program's own on this agent's kernel, for every agent there.

        See :meth:`quorate.Kernel.register_model_client`.
        """
        self.kernel.register_model_client(model_client_cls, **kwargs)

    def check_clients(self) -> None:
        """See that every client class that the configurations name is registered.

        Raises:
            ConfigError: one is not; says which, and how to register it.
        """
        for config in getattr(self.client, "configs", ()):  # a client of the program's own may have none
            if missing := self.kernel.missing_client_classes([config]):
                raise ConfigError(unregistered_class(config, missing))

    # -- usage

    def get_actual_usage(self) -> dict[str, Any] | None:
        """What this agent's model calls used and what it cost, without answers from the response cache.

        Returns:
            ``total_cost`` in US dollars, None when some of it is unpriced, and per model its cost and tokens; None when
            nothing was used.
        """
        return tally_of(self).summaries("actual")["actual"]

    def get_total_usage(self) -> dict[str, Any] | None:
        """The same with answers from the response cache."""
        return tally_of(self).summaries("total")["total"]

    def print_usage_summary(self, mode: str | Sequence[str] = USAGE_MODES) -> None:
        """Tell the kernel's observers what this agent used; the terminal shows it.

        Args:
            mode: ``actual``, ``total``, or both in a list.

        Raises:
            ValueError: it is something else.
        """
        tally = tally_of(self)
        summaries = tally.summaries(mode)
        self.tell(UsageSummed, None, summaries=summaries, price_sources=tally.total.price_sources)

    a_generate_oai_reply = a_generate_oai_reply
    generate_oai_reply = blocking(a_generate_oai_reply)
