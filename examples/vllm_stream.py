"""Stream a very short story from a vLLM server: text as it is written, then the complete result.

Start one with ``vllm serve MODEL`` and name it: ``QUORATE_VLLM_URL=http://localhost:8000/v1 python vllm_stream.py``.
Without that it says so and ends.
"""

from __future__ import annotations

import asyncio
import os

from quorate import UserMessage
from quorate_vllm_client import VLLMChatCompletionClient


async def main(base_url: str) -> None:
    """Ask, and print what comes."""
    # No model is named: it is the one that the server serves. model_info may be left out too.
    model_client = VLLMChatCompletionClient(
        base_url=base_url,
        api_key="EMPTY",
        model_info={"vision": False, "function_calling": False, "json_output": False, "family": "unknown"},
    )
    messages = [UserMessage(content="Write a very short story about a dragon.", source="user")]

    print("Streamed responses:")
    async for response in model_client.create_stream(messages=messages, max_tokens=200):
        if isinstance(response, str):
            # A partial response is a string.
            print(response, flush=True, end="")
        else:
            # The last response is a CreateResult with the complete message.
            print("\n\n------------\n")
            print("The complete response:", flush=True)
            print(response.content, flush=True)

    await model_client.close()


if __name__ == "__main__":
    if url := os.environ.get("QUORATE_VLLM_URL"):
        asyncio.run(main(url))
    else:
        print("not run: QUORATE_VLLM_URL is not set; it names a vLLM server, such as http://localhost:8000/v1")
