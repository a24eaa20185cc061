"""The assistant: a model that solves tasks by writing code, calling tools and talking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from quorate.agents.conversable import ConversableAgent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quorate.agents.person_backed import HumanInputMode
    from quorate.messages import Message

DEFAULT_DESCRIPTION = "Solves tasks by writing Python or shell code for others to run, and by reasoning in words."

DEFAULT_SYSTEM_MESSAGE = """\
You solve tasks together with a partner who can run code but cannot edit it.

When a computation, a file, or fresh information would settle something, write code instead of guessing:
- Put it in one fenced block per message, marked with its language: ```python or ```sh.
- Make every block a complete program that prints what you need to see. Nobody fills in blanks or fixes it for you.
- To have a block saved under a name before it runs, make its first line: # filename: <name>
- The next message brings the exit code and the output. If it failed, find the cause and send the whole corrected
  program. If the same approach fails twice, change the approach.

Work in steps when the task needs them, and say briefly what the next step is for. Do not write a code block unless it
is meant to be run. Check a result before you rely on it.

When the task is done, give the answer in plain words and end the message with the word TERMINATE.
"""


class AssistantAgent(ConversableAgent):
    """A :class:`ConversableAgent` with a model, no code execution of its own, and no person behind it.

    Args:
        name: unique among the agents of a conversation.
        system_message: instructions to the model.
        llm_config: the model; see :class:`ConversableAgent`.
        is_termination_msg: which received messages end the conversation.
        max_consecutive_auto_reply: replies in a row without a person, per partner.
        human_input_mode: when a person is asked.
        description: what the agent is for; with the default system message, a text of our own.
        **kwargs: as :class:`ConversableAgent` takes them.
    """

    DEFAULT_SYSTEM_MESSAGE = DEFAULT_SYSTEM_MESSAGE

    def __init__(
        self,
        name: str,
        system_message: str | list[dict[str, Any]] | None = DEFAULT_SYSTEM_MESSAGE,
        llm_config: Mapping[str, Any] | Literal[False] | None = None,
        is_termination_msg: Callable[[Message], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: HumanInputMode = "NEVER",
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        if description is None and system_message == DEFAULT_SYSTEM_MESSAGE:
            description = DEFAULT_DESCRIPTION
        super().__init__(
            name,
            system_message,
            is_termination_msg,
            max_consecutive_auto_reply,
            human_input_mode,
            llm_config=llm_config,
            description=description,
            **kwargs,
        )
