"""quorate: conversations between agents, on a small kernel; everything that touches the world is a plugin.

Names are imported when they are first used (PEP 562), so that ``import quorate`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quorate._drive import call as call
    from quorate._drive import gather as gather
    from quorate._drive import kernel_code as kernel_code
    from quorate._streams import iterate as iterate
    from quorate.agents import Agent as Agent
    from quorate.agents import AssistantAgent as AssistantAgent
    from quorate.agents import ChatResult as ChatResult
    from quorate.agents import ConversableAgent as ConversableAgent
    from quorate.agents import UserProxyAgent as UserProxyAgent
    from quorate.agents.chat_queue import a_initiate_chats as a_initiate_chats
    from quorate.agents.chat_queue import initiate_chats as initiate_chats
    from quorate.agents.society import SocietyOfMindAgent as SocietyOfMindAgent
    from quorate.agents.tool_using import register_function as register_function
    from quorate.agents.usage import gather_usage_summary as gather_usage_summary
    from quorate.coding import CodeBlock as CodeBlock
    from quorate.coding import CodeExecutor as CodeExecutor
    from quorate.coding import CodeResult as CodeResult
    from quorate.config import ConfigEntry as ConfigEntry
    from quorate.config import ModelConfig as ModelConfig
    from quorate.config import filter_config as filter_config
    from quorate.config import parse_llm_config as parse_llm_config
    from quorate.config_lists import config_list_from_dotenv as config_list_from_dotenv
    from quorate.config_lists import config_list_from_json as config_list_from_json
    from quorate.config_lists import config_list_from_models as config_list_from_models
    from quorate.config_lists import config_list_gpt4_gpt35 as config_list_gpt4_gpt35
    from quorate.config_lists import config_list_openai_aoai as config_list_openai_aoai
    from quorate.config_lists import get_config as get_config
    from quorate.config_lists import get_config_list as get_config_list
    from quorate.console import Console as Console
    from quorate.errors import AgentError as AgentError
    from quorate.errors import AgentNameConflict as AgentNameConflict
    from quorate.errors import ChatStopped as ChatStopped
    from quorate.errors import ConfigError as ConfigError
    from quorate.errors import ConfigFileNotFound as ConfigFileNotFound
    from quorate.errors import ConfigWarning as ConfigWarning
    from quorate.errors import DoorError as DoorError
    from quorate.errors import ExecutorError as ExecutorError
    from quorate.errors import InvalidPlugin as InvalidPlugin
    from quorate.errors import JournalError as JournalError
    from quorate.errors import MessageError as MessageError
    from quorate.errors import MissingDependency as MissingDependency
    from quorate.errors import ModelError as ModelError
    from quorate.errors import ModelsExhausted as ModelsExhausted
    from quorate.errors import NameConflict as NameConflict
    from quorate.errors import NoEligibleSpeaker as NoEligibleSpeaker
    from quorate.errors import PluginError as PluginError
    from quorate.errors import PluginWarning as PluginWarning
    from quorate.errors import QuorateError as QuorateError
    from quorate.errors import RunInUse as RunInUse
    from quorate.errors import StepDiffers as StepDiffers
    from quorate.errors import StepInterrupted as StepInterrupted
    from quorate.errors import ToolError as ToolError
    from quorate.errors import UndefinedNextAgent as UndefinedNextAgent
    from quorate.errors import UnknownName as UnknownName
    from quorate.groupchat import GroupChat as GroupChat
    from quorate.groupchat import GroupChatManager as GroupChatManager
    from quorate.groupchat import Handoff as Handoff
    from quorate.groupchat import Handoffs as Handoffs
    from quorate.hookspecs import hookimpl as hookimpl
    from quorate.images import ImagePart as ImagePart
    from quorate.journal import record as record
    from quorate.journal import replay as replay
    from quorate.kernel import Kernel as Kernel
    from quorate.kernel import create_model_client as create_model_client
    from quorate.kernel import default_kernel as default_kernel
    from quorate.messages import AssistantMessage as AssistantMessage
    from quorate.messages import Message as Message
    from quorate.messages import SystemMessage as SystemMessage
    from quorate.messages import ToolMessage as ToolMessage
    from quorate.messages import UserMessage as UserMessage
    from quorate.models import Attempt as Attempt
    from quorate.models import BaseChatCompletionClient as BaseChatCompletionClient
    from quorate.models import ChatCompletionClient as ChatCompletionClient
    from quorate.models import CreateResult as CreateResult
    from quorate.models import ModelInfo as ModelInfo
    from quorate.models import Usage as Usage
    from quorate.models.cache import Cache as Cache
    from quorate.models.cache import CacheWarning as CacheWarning
    from quorate.models.prices import Price as Price
    from quorate.records import CodeExecutorRecord as CodeExecutorRecord
    from quorate.records import ConfigLoaderRecord as ConfigLoaderRecord
    from quorate.records import ModelClientRecord as ModelClientRecord
    from quorate.records import PriceSourceRecord as PriceSourceRecord
    from quorate.records import ReplyFunctionRecord as ReplyFunctionRecord
    from quorate.stopping import StopReason as StopReason
    from quorate.tools import Tool as Tool

__version__: str

_HOMES = {
    "_drive": "call gather kernel_code",
    "_streams": "iterate",
    "agents": "Agent AssistantAgent ChatResult ConversableAgent UserProxyAgent",
    "agents.chat_queue": "a_initiate_chats initiate_chats",
    "agents.society": "SocietyOfMindAgent",
    "agents.tool_using": "register_function",
    "agents.usage": "gather_usage_summary",
    "coding": "CodeBlock CodeExecutor CodeResult",
    "config": "ConfigEntry ModelConfig filter_config parse_llm_config",
    "config_lists": "config_list_from_dotenv config_list_from_json config_list_from_models "
    "config_list_gpt4_gpt35 config_list_openai_aoai get_config get_config_list",
    "console": "Console",
    "errors": "AgentError AgentNameConflict ChatStopped ConfigError ConfigFileNotFound ConfigWarning DoorError ExecutorError InvalidPlugin JournalError MessageError MissingDependency ModelError "
    "ModelsExhausted NameConflict NoEligibleSpeaker PluginError PluginWarning QuorateError RunInUse StepDiffers StepInterrupted ToolError UndefinedNextAgent UnknownName",
    "groupchat": "GroupChat GroupChatManager Handoff Handoffs",
    "hookspecs": "hookimpl",
    "images": "ImagePart",
    "journal": "record replay",
    "kernel": "Kernel create_model_client default_kernel",
    "messages": "AssistantMessage Message SystemMessage ToolMessage UserMessage",
    "models": "Attempt BaseChatCompletionClient ChatCompletionClient CreateResult ModelInfo Usage",
    "models.cache": "Cache CacheWarning",
    "models.prices": "Price",
    "records": "CodeExecutorRecord ConfigLoaderRecord ModelClientRecord PriceSourceRecord ReplyFunctionRecord",
    "stopping": "StopReason",
    "tools": "Tool",
}
"""Where each public name lives."""

_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605  # pyright: ignore[reportUnsupportedDunderAll] - one table, not two lists


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from quorate._metadata import version_of

        return version_of("quorate")
    if name not in _HOME:
        msg = f"module 'quorate' has no attribute {name!r}"
        raise AttributeError(msg)
    import importlib

    value = getattr(importlib.import_module(f"quorate.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
