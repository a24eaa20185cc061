"""Society of mind: an agent whose inside is a chat of its own, with a group or with one other agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import blocking, call, kernel_code
from quorate.agents.conversable import ConversableAgent
from quorate.agents.model_reply import ask_model
from quorate.agents.protocol import Agent
from quorate.agents.summaries import told
from quorate.errors import AgentError
from quorate.messages import text_of
from quorate.models.wire import wire_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quorate.agents.replies import Answer
    from quorate.messages import Message

INTRODUCTION = "You were asked for something and discussed it with a team. This is a transcript of the discussion:"
DEFAULT_PROMPT = (
    "Give the answer to what you were asked, complete in itself. Do not mention the discussion or those who took part."
)


class SocietyOfMindAgent(ConversableAgent):
    """An agent that answers with what a chat inside it comes to; to others it is one agent.

    For each reply the inside is told the last message, with what was said before as its context, and talks until that
    chat ends. It forgets in between. An error inside is an error of the reply.

    Args:
        name: unique among the agents of a conversation.
        chat_manager: the agent that the inner chat is held with: the manager of a group chat, or any other. None for
            none yet.
        response_preparer: makes the reply from the inner messages: a prompt to this agent's model, or a function
            ``(agent, messages)`` that gives a reply, plain or async. By default a prompt when there is a model, and
            else the last text of another.
        max_inner_turns: how often ``chat_manager`` may answer inside; None for no limit. A group has its own rounds.
        **kwargs: as :class:`ConversableAgent` takes them.

    Raises:
        AgentError: ``chat_manager`` is no agent, or a prompt is given and no model.
    """

    def __init__(
        self,
        name: str,
        chat_manager: Agent | None,
        response_preparer: str | Callable[..., Any] | None = None,
        *,
        max_inner_turns: int | None = None,
        system_message: str | list[dict[str, Any]] | None = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(name, system_message, **kwargs)
        self.update_chat_manager(chat_manager)
        preparer: Any = response_preparer or (DEFAULT_PROMPT if self.client is not None else last_words)
        if isinstance(preparer, str) and self.client is None:
            msg = f"{name}: response_preparer is a prompt, and there is no model for it; give an llm_config, or a function"
            raise AgentError(msg)
        if not (isinstance(preparer, str) or callable(preparer)):
            msg = f"{name}: response_preparer is a prompt or a function (agent, messages), not {preparer!r:.80}"
            raise AgentError(msg)
        self.response_preparer: str | Callable[..., Any] = preparer
        self.max_inner_turns = max_inner_turns
        self.replace_reply_func(ConversableAgent.generate_oai_reply, SocietyOfMindAgent.generate_inner_monologue_reply)

    @property
    def chat_manager(self) -> Agent | None:
        """The agent that the inner chat is held with."""
        return self._chat_manager

    def update_chat_manager(self, chat_manager: Agent | None) -> None:
        """Hold inner chats with another agent from the next reply on; None for none, so that there is no reply.

        Raises:
            AgentError: it is no agent, or this very one.
        """
        given: Any = chat_manager
        if given is self or not (given is None or isinstance(given, Agent)):
            msg = f"{self.name}: chat_manager is the agent that talks inside this one, not {chat_manager!r:.80}"
            raise AgentError(msg)
        self._chat_manager = chat_manager

    @kernel_code
    async def a_generate_inner_monologue_reply(
        self, messages: Sequence[Message] | None = None, sender: Agent | None = None, config: Any = None
    ) -> Answer:
        """Hold the inner chat about the last message, and make the reply of it."""
        del config
        inner = self._chat_manager
        messages = self.messages_from(sender) if messages is None else messages
        if inner is None or not messages:
            return False, None
        if inner is sender:
            msg = f"{self.name}: {inner.name} talks inside this agent, and cannot talk to it from outside at once"
            raise AgentError(msg)
        await self.a_initiate_chat(
            inner,
            message=_inward(messages[-1]),
            carryover=[_line(message, self.name, sender) for message in messages[:-1]],
            max_turns=self.max_inner_turns,
            summary_method=None,
            silent=bool(sender is not None and self.conversations.of(sender).silent),
        )
        return True, await self._prepared(inner, list(told(self, inner)))

    generate_inner_monologue_reply = blocking(a_generate_inner_monologue_reply)

    async def _prepared(self, inner: Agent, messages: list[Message]) -> Any:
        preparer = self.response_preparer
        if not isinstance(preparer, str):
            return await call("reply", preparer, self, messages)
        transcript = [{**message, "role": "user"} for message in wire_messages(messages) if message["content"]]
        asked: list[Any] = [
            {"role": "system", "content": INTRODUCTION},
            *({key: message[key] for key in message if key in ("role", "content", "name")} for message in transcript),
            {"role": "system", "content": preparer},
        ]
        return await ask_model(self, asked, inner)


def last_words(agent: Agent, messages: Sequence[Message]) -> str | None:
    """The text of the last message of another than ``agent`` that has some besides TERMINATE; None when none has."""
    others = (message for message in reversed(messages) if message.get("name") != agent.name)
    return next(filter(None, (text_of(one.get("content")).replace("TERMINATE", "").strip() for one in others)), None)


def _inward(message: Mapping[str, Any]) -> Message:
    """A message from outside as it opens the inner chat: what it says, and none of its calls."""
    return {"content": message.get("content") or ""}


def _line(message: Mapping[str, Any], own: str, sender: Agent | None) -> str:
    """One earlier message as the context of an inner chat tells it."""
    other = sender.name if sender is not None else "user"
    return f"{message.get('name') or (own if message.get('role') == 'assistant' else other)}: {text_of(message.get('content'))}"
