"""Who may speak after whom, as a graph."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

from quorate.errors import AgentError, ConfigWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.agents import Agent

__all__ = ["check_graph_validity", "invert_disallowed_to_allowed", "visualize_speaker_transitions_dict"]


def check_graph_validity(allowed_speaker_transitions_dict: dict[Any, Any], agents: Sequence[Agent]) -> None:
    """Refuse a graph that a group chat could not be held with.

    Args:
        allowed_speaker_transitions_dict: for an agent, the list of those that may follow it.
        agents: the members.

    Raises:
        ValueError: it is no such dict, is empty, or names somebody who is no member.
    """
    from quorate.groupchat import GroupChat

    graph = allowed_speaker_transitions_dict
    if hasattr(graph, "values") and graph and not any(graph.values()):
        msg = "allowed_speaker_transitions_dict: nobody may follow anybody; name at least one transition"
        raise AgentError(msg)
    GroupChat(list(agents), [], allowed_or_disallowed_speaker_transitions=graph, speaker_transitions_type="allowed")
    if lone := [agent.name for agent in agents if agent not in graph]:
        text = (
            f"allowed_speaker_transitions_dict: nothing is said of who follows {', '.join(lone)}: the chat ends there"
        )
        warnings.warn(text, ConfigWarning, stacklevel=2)


def invert_disallowed_to_allowed(
    disallowed_speaker_transitions_dict: dict[Any, list[Any]], agents: Sequence[Agent]
) -> dict[Any, list[Any]]:
    """For each member, those that may follow it, from those that may not."""
    graph = disallowed_speaker_transitions_dict
    return {agent: [other for other in agents if other not in graph.get(agent, ())] for agent in agents}


def visualize_speaker_transitions_dict(
    speaker_transitions_dict: dict[Any, list[Any]], agents: Sequence[Agent], export_path: str | None = None
) -> None:
    """Draw the graph with networkx and matplotlib, which the program installs.

    Args:
        speaker_transitions_dict: for an agent, the list of those that may follow it.
        agents: the members.
        export_path: the file to save the picture in; without it, it is shown.

    Raises:
        ImportError: one of the two is not installed.
    """
    try:
        plt: Any = importlib.import_module("matplotlib.pyplot")
        nx: Any = importlib.import_module("networkx")
    except ImportError as error:
        msg = "drawing speaker transitions needs two more libraries: pip install matplotlib networkx"
        raise ImportError(msg) from error
    drawn = nx.DiGraph()
    drawn.add_nodes_from(agent.name for agent in agents)
    drawn.add_edges_from((one.name, next_.name) for one, others in speaker_transitions_dict.items() for next_ in others)
    figure = plt.figure(figsize=(12, 10))
    nx.draw(drawn, nx.spring_layout(drawn, seed=1), with_labels=True, node_size=3000, node_color="lightgray")
    if export_path is None:
        plt.show()
    else:
        plt.savefig(export_path)
    plt.close(figure)
