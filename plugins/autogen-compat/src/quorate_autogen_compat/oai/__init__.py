"""Model clients, and the configurations that name them."""

from __future__ import annotations

from quorate_autogen_compat.cache.cache import Cache
from quorate_autogen_compat.oai.client import ModelClient, OpenAIWrapper
from quorate_autogen_compat.oai.openai_utils import (
    config_list_from_dotenv,
    config_list_from_json,
    config_list_from_models,
    config_list_gpt4_gpt35,
    config_list_openai_aoai,
    filter_config,
    get_config_list,
)

__all__ = [
    "Cache",
    "ModelClient",
    "OpenAIWrapper",
    "config_list_from_dotenv",
    "config_list_from_json",
    "config_list_from_models",
    "config_list_gpt4_gpt35",
    "config_list_openai_aoai",
    "filter_config",
    "get_config_list",
]
