"""The ``autogen`` face of quorate, for programs written for AutoGen 0.2.

Names are imported when they are first used (PEP 562), and so are the modules that ``import autogen`` had at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate_autogen_compat import _absent
from quorate_autogen_compat.version import __version__ as __version__

if TYPE_CHECKING:
    from quorate_autogen_compat.agentchat import Agent as Agent
    from quorate_autogen_compat.agentchat import AssistantAgent as AssistantAgent
    from quorate_autogen_compat.agentchat import ChatResult as ChatResult
    from quorate_autogen_compat.agentchat import ConversableAgent as ConversableAgent
    from quorate_autogen_compat.agentchat import GroupChat as GroupChat
    from quorate_autogen_compat.agentchat import GroupChatManager as GroupChatManager
    from quorate_autogen_compat.agentchat import UserProxyAgent as UserProxyAgent
    from quorate_autogen_compat.agentchat import gather_usage_summary as gather_usage_summary
    from quorate_autogen_compat.agentchat import initiate_chats as initiate_chats
    from quorate_autogen_compat.agentchat import register_function as register_function
    from quorate_autogen_compat.cache import Cache as Cache
    from quorate_autogen_compat.code_utils import DEFAULT_MODEL as DEFAULT_MODEL
    from quorate_autogen_compat.code_utils import FAST_MODEL as FAST_MODEL
    from quorate_autogen_compat.exception_utils import AgentNameConflict as AgentNameConflict
    from quorate_autogen_compat.exception_utils import InvalidCarryOverType as InvalidCarryOverType
    from quorate_autogen_compat.exception_utils import NoEligibleSpeaker as NoEligibleSpeaker
    from quorate_autogen_compat.exception_utils import SenderRequired as SenderRequired
    from quorate_autogen_compat.exception_utils import UndefinedNextAgent as UndefinedNextAgent
    from quorate_autogen_compat.oai import ModelClient as ModelClient
    from quorate_autogen_compat.oai import OpenAIWrapper as OpenAIWrapper
    from quorate_autogen_compat.oai import config_list_from_dotenv as config_list_from_dotenv
    from quorate_autogen_compat.oai import config_list_from_json as config_list_from_json
    from quorate_autogen_compat.oai import config_list_from_models as config_list_from_models
    from quorate_autogen_compat.oai import config_list_gpt4_gpt35 as config_list_gpt4_gpt35
    from quorate_autogen_compat.oai import config_list_openai_aoai as config_list_openai_aoai
    from quorate_autogen_compat.oai import filter_config as filter_config
    from quorate_autogen_compat.oai import get_config_list as get_config_list

_HOMES = {
    "agentchat": "Agent AssistantAgent ChatResult ConversableAgent GroupChat GroupChatManager UserProxyAgent "
    "gather_usage_summary initiate_chats register_function",
    "cache": "Cache",
    "code_utils": "DEFAULT_MODEL FAST_MODEL",
    "exception_utils": "AgentNameConflict InvalidCarryOverType NoEligibleSpeaker SenderRequired UndefinedNextAgent",
    "oai": "ModelClient OpenAIWrapper config_list_from_dotenv config_list_from_json config_list_from_models "
    "config_list_gpt4_gpt35 config_list_openai_aoai filter_config get_config_list",
}
"""Where each public name lives."""

_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

_MODULES = frozenset(
    "_pydantic agentchat cache code_utils coding exception_utils formatting_utils function_utils graph_utils io logger "
    "math_utils oai retrieve_utils runtime_logging token_count_utils types".split()
)
"""What ``autogen.x`` reaches without an import of its own."""

MISSING = {
    "ChatCompletion": "it worked with openai below 1.0 only; use OpenAIWrapper",
    "Completion": "it worked with openai below 1.0 only; use OpenAIWrapper",
}

__all__ = sorted(_HOME)  # noqa: PLE0605  # pyright: ignore[reportUnsupportedDunderAll] - one table, not two lists

_absent.watch()


def __getattr__(name: str) -> Any:
    import importlib

    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOME:
        from quorate_autogen_compat._missing import refusing

        refusing(__name__, MISSING)(name)
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
