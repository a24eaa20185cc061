"""Queues of chats: one after the other with what the earlier ones gave, or side by side where they may be.

A queue is a list of dicts: the arguments of :meth:`quorate.ConversableAgent.initiate_chat`, and with them ``chat_id``,
``prerequisites`` and ``finished_chat_indexes_to_exclude_from_carryover``. Without ids each chat waits for all before
it. With ids each waits for its prerequisites alone, and those that wait for the same run side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from quorate._drive import drive, gather, open_run
from quorate.agents.carryover import listed
from quorate.agents.opening import check_chat, check_clients
from quorate.agents.turns import ask
from quorate.config.guards import is_list, is_mapping
from quorate.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from quorate.agents.chat import ChatResult
    from quorate.agents.chatting import ChattingAgent

ChatId: TypeAlias = int | str
Results: TypeAlias = "list[ChatResult] | dict[ChatId, ChatResult]"
"""What the chats of a queue gave: in order, or by id when the queue has ids."""

SENDER, ID, PREREQUISITES = "sender", "chat_id", "prerequisites"
EXCLUDED = "finished_chat_indexes_to_exclude_from_carryover"
_OURS = (SENDER, ID, PREREQUISITES, EXCLUDED, "carryover")


@dataclass(frozen=True, slots=True)
class QueuedChat:
    """One chat of a queue: what it waits for, and the earlier chats whose summaries it is told."""

    place: str
    id: ChatId
    sender: ChattingAgent
    arguments: Mapping[str, Any]
    carryover: list[Any]
    prerequisites: tuple[ChatId, ...]
    told: tuple[ChatId, ...]


class ChatQueue:
    """A queue of chats that can be held, and what those gave that are over.

    Args:
        chat_queue: the chats, as the module says; neither the list nor its dicts are changed.
        sender: opens them all; None when each names its own.
        otherwise: opens those that name none.
        left_out: the places of chats that are not held; those that wait for one of them do not, and are told nothing
            of it.

    Raises:
        AgentError: it cannot be held; says which chat and why. Nothing has happened then.
    """

    def __init__(
        self,
        chat_queue: Sequence[Mapping[str, Any]],
        sender: ChattingAgent | None = None,
        otherwise: ChattingAgent | None = None,
        left_out: Collection[int] = (),
    ) -> None:
        entries = _checked(chat_queue)
        self.by_id = any(ID in entry or PREREQUISITES in entry for entry in entries)
        openers = [sender or entry.get(SENDER) or otherwise for entry in entries]
        every = _chats(entries, openers, by_id=self.by_id)
        self.chats = [chat for place, chat in enumerate(every) if place not in left_out]
        held = {chat.id for chat in self.chats}
        self.rounds = [[chat for chat in together if chat.id in held] for together in _rounds(every)]
        for together in self.rounds:
            _check_apart(together)
        self.finished: dict[ChatId, ChatResult] = {}

    async def hold(self) -> Results:
        """Hold the chats. When one fails, those beside it are held to their end, and no later one begins."""
        for chat in self.chats:
            check_clients(chat.sender, chat.arguments["recipient"])
        with open_run():
            for together in self.rounds:
                if len(together) == 1:
                    await self._hold(together[0])
                elif together:
                    await gather(*map(self._hold, together))
        return self.results()

    async def _hold(self, chat: QueuedChat) -> None:
        carryover = [*chat.carryover, *(self.finished[one].summary for one in chat.told if one in self.finished)]
        sender = chat.sender
        result: ChatResult = await ask(sender, sender.a_initiate_chat, **chat.arguments, carryover=carryover)
        if self.by_id:
            result.chat_id = chat.id
        self.finished[chat.id] = result

    def results(self) -> Results:
        """What the chats gave that are over, in the order of the queue."""
        done = {chat.id: self.finished[chat.id] for chat in self.chats if chat.id in self.finished}
        return done if self.by_id else list(done.values())


async def a_initiate_chats(chat_queue: Sequence[Mapping[str, Any]]) -> Results:
    """Hold the chats of a queue; each names its ``sender``.

    See :meth:`quorate.ConversableAgent.a_initiate_chats`, which does the same for one sender.

    Raises:
        AgentError: the queue cannot be held; says which chat and why. Nothing has happened then.
    """
    return await ChatQueue(chat_queue).hold()


def initiate_chats(chat_queue: Sequence[Mapping[str, Any]]) -> Results:
    """The blocking form of :func:`a_initiate_chats`."""
    return drive(a_initiate_chats(chat_queue))


# -- checks


def _checked(chat_queue: object) -> list[Mapping[str, Any]]:
    if not is_list(chat_queue):
        msg = f"chat_queue: is a list of dicts, one for each chat, not {type(chat_queue).__name__}"
        raise AgentError(msg)
    for index, entry in enumerate(chat_queue):
        if not is_mapping(entry):
            msg = f"chat_queue[{index}]: is a dict with a recipient and a message, not {type(entry).__name__}"
            raise AgentError(msg)
    return list(chat_queue)


def _chats(entries: list[Mapping[str, Any]], openers: list[Any], *, by_id: bool) -> list[QueuedChat]:
    ids: list[ChatId] = [_id(entry, index) for index, entry in enumerate(entries)] if by_id else [*range(len(entries))]
    twice = next((one for index, one in enumerate(ids) if one in ids[:index]), None)
    if twice is not None:
        msg = f"chat_queue: two chats have the {ID} {twice!r}; give each one of its own"
        raise AgentError(msg)
    return [
        _chat(entry, index, ids, opener, by_id=by_id)
        for index, (entry, opener) in enumerate(zip(entries, openers, strict=True))
    ]


def _chat(entry: Mapping[str, Any], index: int, ids: list[ChatId], opener: Any, *, by_id: bool) -> QueuedChat:
    place = f"chat_queue[{index}]"
    if not hasattr(opener, "a_initiate_chat"):
        msg = f"{place}: its sender opens the chat and must be a ConversableAgent, not {opener!r:.80}"
        raise AgentError(msg)
    if "recipient" not in entry:
        msg = f"{place}: names no recipient"
        raise AgentError(msg)
    arguments = {key: value for key, value in entry.items() if key not in _OURS}
    carryover: Any = entry.get("carryover")
    try:
        check_chat(opener, **arguments, carryover=carryover)
    except AgentError as error:
        msg = f"{place}: {error}"
        raise AgentError(msg) from error
    waits = _named(entry, PREREQUISITES, place, ids) if by_id else tuple(ids[:index])
    left_out = _named(entry, EXCLUDED, place, ids)
    told = tuple(one for one in waits if one not in left_out)
    return QueuedChat(place, ids[index], opener, arguments, listed(carryover), waits, told)


def _id(entry: Mapping[str, Any], index: int) -> ChatId:
    found: Any = entry.get(ID)
    if type(found) not in (int, str):
        msg = (
            f"chat_queue[{index}]: its {ID} is a whole number or a name, not {found!r}; "
            f"where one chat has a {ID} or {PREREQUISITES}, each needs a {ID}"
        )
        raise AgentError(msg)
    return cast("ChatId", found)


def _named(entry: Mapping[str, Any], key: str, place: str, ids: list[ChatId]) -> tuple[ChatId, ...]:
    """The chats that an entry names under a key."""
    named = () if entry.get(key) is None else entry[key]
    if not is_list(named):
        msg = f"{place}.{key}: is a list of chats, not {named!r:.80}"
        raise AgentError(msg)
    if unknown := [one for one in named if one not in ids]:
        msg = f"{place}.{key}: there is no chat {unknown[0]!r}; there are {', '.join(map(repr, ids))}"
        raise AgentError(msg)
    return tuple(named)


def _rounds(chats: list[QueuedChat]) -> Iterator[list[QueuedChat]]:
    """Groups of chats that may run side by side: each waits for chats of earlier groups alone."""
    left, done = list(chats), set[ChatId]()
    while left:
        ready = [chat for chat in left if done.issuperset(chat.prerequisites)]
        if not ready:
            raise AgentError(_cycle(left))
        yield ready
        done.update(chat.id for chat in ready)
        left = [chat for chat in left if chat.id not in done]


def _cycle(left: list[QueuedChat]) -> str:
    """How chats that all wait for one another do so."""
    waiting = {chat.id: next(one for one in chat.prerequisites if any(one == c.id for c in left)) for chat in left}
    path = [left[0].id]
    while waiting[path[-1]] not in path:
        path.append(waiting[path[-1]])
    circle = [*path[path.index(waiting[path[-1]]) :], waiting[path[-1]]]
    return f"chat_queue: chats wait for one another: {' for '.join(map(repr, circle))}; take one prerequisite out"


def _check_apart(together: list[QueuedChat]) -> None:
    """Two chats of the same agents have one history, and cannot be held at the same time."""
    held: dict[frozenset[int], QueuedChat] = {}
    for chat in together:
        pair = frozenset({id(chat.sender), id(chat.arguments["recipient"])})
        other = held.setdefault(pair, chat)
        if other is not chat:
            msg = (
                f"{other.place} and {chat.place} would run side by side, and are chats of the same two agents; "
                f"make one of them a prerequisite of the other: {PREREQUISITES!r}: [{other.id!r}]"
            )
            raise AgentError(msg)
