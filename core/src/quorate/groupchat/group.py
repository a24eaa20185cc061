"""A group chat: its members, what they said, and the rules of who speaks next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from quorate._drive import Twins, blocking
from quorate.agents.history import Entry, entry_for
from quorate.errors import AgentNameConflict, UndefinedNextAgent
from quorate.groupchat import selection, templates
from quorate.groupchat.checks import check_group
from quorate.groupchat.log import GroupMessages
from quorate.groupchat.transitions import followers
from quorate.messages import as_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableSequence, Sequence

    from quorate.agents.protocol import Agent
    from quorate.kernel import Kernel
    from quorate.messages import Message, Source
    from quorate.models.fallback import FallbackClient

SelectionMethod: TypeAlias = Literal["auto", "manual", "random", "round_robin"]
SelectionFunction: TypeAlias = "Callable[[Agent, GroupChat], Any]"
"""``(last_speaker, groupchat)``, plain or async: gives a member, the name of a method, or None to end the chat."""


@dataclass(eq=False)
class GroupChat(Twins):
    """Several agents in one conversation. A :class:`GroupChatManager` holds it; a chat is opened with the manager.

    Args:
        agents: the members; their names differ.
        messages: what the group starts with; read it as what was said in the group, oldest first, each message with
            its speaker's ``name``. Each message is held once, whatever the number of members.
        max_round: how many messages one chat may have, the one that opens it included.
        admin_name: who speaks when the program is interrupted (Ctrl-C) in a blocking chat, if it is a member.
        func_call_filter: whether a message that calls functions is answered by a member that has them.
        speaker_selection_method: ``auto`` (a model decides), ``manual`` (a person does), ``random``, ``round_robin``,
            a :data:`SelectionFunction`, or :class:`Handoffs`.
        max_retries_for_selecting_speaker: how often a model that named no member is asked again. The first of these
            is the client's own, and is there even with 0; then the next member in the list speaks.
        allow_repeat_speaker: whether a member may speak twice in a row: all (True, None), none, or those in a list.
        allowed_or_disallowed_speaker_transitions: for a member, those that may (or may not) speak after it. Where a
            member is missing, or has an empty list, under ``allowed``, the chat ends after it.
        speaker_transitions_type: ``allowed`` or ``disallowed``, with the former.
        enable_clear_history: whether ``CLEAR HISTORY [member] [number of messages to keep]`` in what a person, tool or
            reply function says makes members forget.
        send_introductions: whether members are told of each other, once, before the first message.
        select_speaker_message_template: instructions to the model; ``{roles}`` are the members with their
            descriptions, ``{agentlist}`` their names.
        select_speaker_prompt_template: the question after the conversation; None for no question.
        select_speaker_auto_multiple_template: the question after an answer that was no member's name, first part.
        select_speaker_auto_none_template: the second part.
        select_speaker_transform_messages: what the model reads of the conversation: a transform of
            :mod:`quorate.transforms`, or a function of the messages that gives messages.
        select_speaker_auto_verbose: whether terminals show those model calls.
        select_speaker_auto_model_client_cls: model client classes to register for those calls, one or several.
        select_speaker_auto_llm_config: the model that chooses; the manager's by default, False for none.
        role_for_select_speaker_messages: the role of that question.

    Raises:
        AgentNameConflict: two members have one name.
        AgentError: a field holds what it cannot.
    """

    log: list[Entry] = field(default_factory=list[Entry], init=False, repr=False)
    """What the group says, shared by all that listen; :attr:`messages` and members' histories read from it."""
    agents: list[Agent]
    messages: MutableSequence[Message] = field(default_factory=list["Message"])
    max_round: int = 10
    admin_name: str = "Admin"
    func_call_filter: bool = True
    speaker_selection_method: SelectionMethod | SelectionFunction = "auto"
    max_retries_for_selecting_speaker: int = 1
    allow_repeat_speaker: bool | Sequence[Agent] | None = None
    allowed_or_disallowed_speaker_transitions: Mapping[Agent, Sequence[Agent]] | None = None
    speaker_transitions_type: Literal["allowed", "disallowed"] | None = None
    enable_clear_history: bool = False
    send_introductions: bool = False
    select_speaker_message_template: str = templates.SELECT_MESSAGE
    select_speaker_prompt_template: str | None = templates.SELECT_PROMPT
    select_speaker_auto_multiple_template: str = templates.AGAIN_MULTIPLE
    select_speaker_auto_none_template: str = templates.AGAIN_NONE
    select_speaker_transform_messages: Any = None
    select_speaker_auto_verbose: bool = False
    select_speaker_auto_model_client_cls: Any = None
    select_speaker_auto_llm_config: Mapping[str, Any] | Literal[False] | None = None
    role_for_select_speaker_messages: Literal["user", "system"] = "user"

    clients: dict[Kernel, FallbackClient] = field(
        default_factory=dict["Kernel", "FallbackClient"], init=False, repr=False
    )
    """The clients of :attr:`select_speaker_auto_llm_config`, one for each kernel that asked."""

    def __post_init__(self) -> None:
        given: Any = self.agents
        self.agents = given if isinstance(given, list) else list(given)
        check_group(self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "messages" and not isinstance(value, GroupMessages):
            value = GroupMessages(self.log, value)  # a list of the program's own is what there was before
        super().__setattr__(name, value)

    # -- members

    @property
    def agent_names(self) -> list[str]:
        """The members' names."""
        return [agent.name for agent in self.agents]

    def agent_by_name(self, name: str, recursive: bool = False, raise_on_name_conflict: bool = False) -> Agent | None:
        """The member of this name, or None.

        Args:
            name: its name.
            recursive: whether to look into the groups of members that are managers, too.
            raise_on_name_conflict: whether two agents of this name are an error.

        Raises:
            AgentNameConflict: there are two, which can be in nested groups.
        """
        found = [agent for agent in (self.nested_agents() if recursive else self.agents) if agent.name == name]
        if raise_on_name_conflict and len({id(agent) for agent in found}) > 1:
            msg = f"{len(found)} agents of the group and the groups in it are named {name!r}"
            raise AgentNameConflict(msg)
        return found[0] if found else None

    def nested_agents(self) -> list[Agent]:
        """The members, and those of the groups whose managers are members."""
        found: list[Agent] = []
        for agent in self.agents:
            found.append(agent)
            inner = getattr(agent, "groupchat", None)
            if isinstance(inner, GroupChat):
                found += inner.nested_agents()
        return found

    def introductions_msg(self, agents: Sequence[Agent] | None = None) -> str:
        """What members are told of each other."""
        return templates.INTRODUCTION.format(roles=templates.roles_of(agents or self.agents))

    # -- what was said

    @property
    def last_message(self) -> Message:
        """What was said last; an empty message when nothing was."""
        try:
            return cast("GroupMessages", self.messages).entries[-1].message
        except IndexError:
            return {}

    def append(self, message: Message | str, speaker: Agent, source: Source = "program") -> None:
        """Say something in the group: every member sees it as the speaker's.

        Raises:
            MessageError: it is not a message.
        """
        said = as_message(message)
        said.pop("name", None)
        self.log.append(entry_for(said, speaker.name, source))

    def reset(self) -> None:
        """Forget what was said; members keep their own histories."""
        self.messages.clear()

    # -- who speaks next

    @property
    def allowed_speaker_transitions_dict(self) -> dict[Agent, list[Agent]]:
        """For each member, those that may speak after it."""
        return {agent: list(followers(self, agent)) for agent in self.agents}

    def next_agent(self, agent: Agent, agents: Sequence[Agent] | None = None) -> Agent:
        """The member after one in the list, the first after the last.

        Args:
            agent: the one before; for one that is not in the group, it is the first.
            agents: the members to choose from; all by default.

        Raises:
            UndefinedNextAgent: none of them is in the group.
        """
        members = self.agents
        try:
            index = members.index(agent) + 1
        except ValueError:  # it is not in the group
            index = 0
        if agents is None:
            return members[index % len(members)]
        for member in (*members[index:], *members[:index]):
            if member in agents:
                return member
        msg = f"nobody follows {agent.name}: of the group's members, none is among those to choose from"
        raise UndefinedNextAgent(msg)

    def select_speaker_msg(self, agents: Sequence[Agent] | None = None) -> str:
        """The instructions to the model that chooses among these; among all by default."""
        return templates.filled(self.select_speaker_message_template, agents or self.agents)

    def select_speaker_prompt(self, agents: Sequence[Agent] | None = None) -> str:
        """The question to that model; empty when there is none."""
        return templates.filled(self.select_speaker_prompt_template or "", agents or self.agents)

    a_select_speaker = selection.a_select_speaker
    select_speaker = blocking(a_select_speaker)
    a_manual_select_speaker = selection.a_manual_select_speaker
    manual_select_speaker = blocking(a_manual_select_speaker)
    a_random_select_speaker = selection.a_random_select_speaker
    random_select_speaker = blocking(a_random_select_speaker)
