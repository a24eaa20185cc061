"""Two agents on an Azure OpenAI deployment, then the same deployment used without agents, streaming.

It reads QUORATE_AZURE_URL (https://RESOURCE.openai.azure.com), QUORATE_AZURE_DEPLOYMENT and QUORATE_AZURE_KEY; without
a key azure-identity finds an identity (pip install "quorate-azure-client[identity]").
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from quorate import AssistantAgent, ConversableAgent, SystemMessage, UserMessage, create_model_client

if "QUORATE_AZURE_URL" not in os.environ:
    print("not run: QUORATE_AZURE_URL is not set; it names an Azure OpenAI resource, or tests/real/azfront.py")
    sys.exit(0)

key = os.environ.get("QUORATE_AZURE_KEY")
config: dict[str, Any] = {
    "client": "azure",
    "model": os.environ.get("QUORATE_AZURE_DEPLOYMENT", "gpt-4.1"),  # the deployment's name
    "azure_endpoint": os.environ["QUORATE_AZURE_URL"],
    "api_version": "v1",  # or a date, such as 2024-10-21
    **({"api_key": key} if key else {"azure_ad_token_provider": "DEFAULT"}),
    "max_tokens": 60,
}

assistant = AssistantAgent("assistant", llm_config={"config_list": [config]})
user = ConversableAgent("user", human_input_mode="NEVER")
chat = user.initiate_chat(assistant, message="What is 37 * 54?", max_turns=1)
print("Answer:", chat.summary)


async def main() -> None:
    """Stream an answer: text parts, then the complete result."""
    client = create_model_client(config)
    messages = [SystemMessage("Answer in one sentence."), UserMessage("Why is the sky blue?", source="user")]
    async for part in client.create_stream(messages):
        if isinstance(part, str):
            print(part, end="", flush=True)
        else:
            print(f"\n[{part.model}: {part.finish_reason}, {part.usage}]")


asyncio.run(main())
