"""What of AutoGen 0.2 is not here: importing it says so, and what to use instead."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

FACE = __name__.partition(".")[0]

_OWN_CLIENT = "write a model client (four methods, or 0.2's ModelClient protocol) and name it in model_client_cls"
_WIRE = 'its OpenAI-compatible endpoint, with {"base_url": ...} in the config list, or a model client of your own'
_TOOL = "give the agent a tool with register_function; any library can stand behind it"
_HOOK = 'a hook: agent.register_hook("process_last_received_message", ...), which may look things up and remember'

_OWN_CACHE = 'Cache.disk, or an object of your own with get, set and close as llm_config["cache"]'

MODULES = {
    "agentchat.contrib.agent_builder": "make the agents in the program; no model writes them",
    "agentchat.contrib.agent_eval": "ask a model for criteria and grades in a chat of your own",
    "agentchat.contrib.agent_optimizer": "change tools between chats with register_for_llm and update_tool_signature",
    "agentchat.contrib.capabilities.context_handling": "capabilities.transform_messages, with MessageTokenLimiter",
    "agentchat.contrib.capabilities.generate_images": f"{_TOOL}; it may return an image",
    "agentchat.contrib.capabilities.teachability": _HOOK,
    "agentchat.contrib.capabilities.text_compressors": "transforms of your own: apply_transform(messages), get_logs(pre, post)",
    "agentchat.contrib.capabilities.vision_capability": "an agent whose model sees; image parts go to it as they are",
    "agentchat.contrib.captainagent": "a group chat, or agents that hand over (quorate.Handoffs)",
    "agentchat.contrib.compressible_agent": "capabilities.transform_messages, with MessageTokenLimiter",
    "agentchat.contrib.gpt_assistant_agent": "ConversableAgent; the service keeps no state for it",
    "agentchat.contrib.graph_rag": _HOOK,
    "agentchat.contrib.llamaindex_conversable_agent": "register_reply, with a function that asks the index",
    "agentchat.contrib.llava_agent": f"MultimodalConversableAgent, with {_WIRE}",
    "agentchat.contrib.math_user_proxy_agent": "UserProxyAgent, with the instructions in the first message",
    "agentchat.contrib.qdrant_retrieve_user_proxy_agent": _HOOK,
    "agentchat.contrib.retrieve_assistant_agent": _HOOK,
    "agentchat.contrib.retrieve_user_proxy_agent": _HOOK,
    "agentchat.contrib.text_analyzer_agent": "ask a model in a nested chat: register_nested_chats",
    "agentchat.contrib.vectordb": _HOOK,
    "agentchat.contrib.web_surfer": _TOOL,
    "agentchat.realtime_agent": "no speech; messages are text, images and files",
    "browser_utils": _TOOL,
    "cache.cache_factory": "Cache(config), or Cache.disk",
    "cache.cosmos_db_cache": _OWN_CACHE,
    "cache.disk_cache": "Cache.disk, which keeps JSON in SQLite instead of pickles",
    "cache.redis_cache": _OWN_CACHE,
    "extensions": "nothing lives there in 0.2 either; code runs in a work_dir that you name",
    "oai.anthropic": _WIRE,
    "oai.bedrock": _OWN_CLIENT,
    "oai.cerebras": _WIRE,
    "oai.cohere": _WIRE,
    "oai.completion": "OpenAIWrapper; 0.2's own class worked with openai below 1.0 only",
    "oai.gemini": _WIRE,
    "oai.groq": _WIRE,
    "oai.mistral": _WIRE,
    "oai.ollama": _WIRE,
    "oai.together": _WIRE,
}
"""Modules of 0.2 that are not here (with all that is inside them), and what to do instead."""


def instead_of(module: str) -> str | None:
    """What to use instead of one of 0.2's modules, named without ``autogen.``; None for one that is no such module."""
    while module:
        if module in MODULES:
            return MODULES[module]
        module = module.rpartition(".")[0]
    return None


class AbsentModules(MetaPathFinder):
    """Asked last, when nothing provides a module: refuses 0.2's modules that are not here with a word on each."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """Refuse one of these modules.

        Raises:
            ModuleNotFoundError: it is one of them; says what to use instead.
        """
        del path, target
        if not fullname.startswith(f"{FACE}."):
            return None
        module = fullname.removeprefix(f"{FACE}.")
        if (instead := instead_of(module)) is None:
            return None
        msg = f"autogen.{module} of AutoGen 0.2 is not part of quorate-autogen-compat; instead: {instead}"
        raise ModuleNotFoundError(msg, name=fullname)


def watch() -> None:
    """Have imports of absent modules refused with a word on each; asked for once."""
    if not any(isinstance(finder, AbsentModules) for finder in sys.meta_path):
        sys.meta_path.append(AbsentModules())
