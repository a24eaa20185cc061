"""What agents used, summed up."""

from __future__ import annotations

from quorate.agents.usage import gather_usage_summary
from quorate_autogen_compat._missing import refusing

MISSING = {
    "consolidate_chat_info": "initiate_chats does it by itself",
    "parse_tags_from_content": "img_utils.gpt4v_formatter, or a regular expression",
}

__getattr__ = refusing(__name__, MISSING)

__all__ = ["gather_usage_summary"]
