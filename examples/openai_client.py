"""An endpoint that speaks OpenAI's wire format: two agents, then the same model without agents.

It asks OpenAI, or any other endpoint: QUORATE_OPENAI_URL names it (https://api.openai.com/v1, or a server of yours) and
QUORATE_OPENAI_MODEL the model. OPENAI_API_KEY goes to OpenAI alone; QUORATE_OPENAI_KEY is for another endpoint.
Without the first it says so and ends: an answer may cost money.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any, Literal

from pydantic import BaseModel

from quorate import AssistantAgent, UserMessage, UserProxyAgent, create_model_client

if "QUORATE_OPENAI_URL" not in os.environ:
    print("not run: QUORATE_OPENAI_URL is not set; it names an endpoint, such as https://api.openai.com/v1")
    sys.exit(0)

config: dict[str, Any] = {
    "client": "openai",
    "model": os.environ.get("QUORATE_OPENAI_MODEL", "gpt-5-mini"),
    "base_url": os.environ["QUORATE_OPENAI_URL"],
    "api_key": os.environ.get("QUORATE_OPENAI_KEY"),  # None: what the environment has for this endpoint, or none
    "max_completion_tokens": 400,
}

assistant = AssistantAgent("assistant", llm_config={"config_list": [config]})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": "local", "work_dir": "out"})
chat = user.initiate_chat(assistant, message="What is 37 * 54?", max_turns=3)
print("Answer:", chat.summary)


class Verdict(BaseModel):
    """What the model is held to."""

    is_the_sum: Literal["right", "wrong"]


async def main() -> None:
    """Stream, be held to a schema, and choose."""
    client = create_model_client(config)
    async for part in client.create_stream([UserMessage("What is 12 + 30?")]):
        print(part if isinstance(part, str) else f"\n[{part.model}: {part.finish_reason}, {part.usage}]", end="")

    result = await client.create([UserMessage("Is 12 + 30 = 42?")], response_format=Verdict)
    print("\nHeld to a schema:", Verdict.model_validate_json(result.content))
    cost = "unpriced" if result.cost is None else f"{result.cost} US dollars ({result.price_source})"
    print("Cost:", cost)  # quorate-genai-prices knows list prices; "price" in the configuration is yours

    print("Next speaker:", await client.decide("Who checks a sum?", ["coder", "critic"]))


asyncio.run(main())
