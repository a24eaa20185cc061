"""A Hugging Face model in this process: two agents, a stream, a decision, and several requests as one batch.

It runs on the demonstration model of quorate-tiny-model, or on any other: ``python local_model.py Qwen/Qwen3-0.6B``
(a folder, or a name on the hub). Needs torch and transformers, and says so when they are missing.
"""

from __future__ import annotations

import asyncio
import sys
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from quorate import AssistantAgent, UserMessage, UserProxyAgent
from quorate_hf_local_client import HFLocalClient

missing = [name for name in ("torch", "transformers") if find_spec(name) is None]
if missing:
    print(f"not run: {' and '.join(missing)} not installed; pip install quorate-hf-local-client")
    sys.exit(0)

tiny = len(sys.argv) == 1
model = str(files("quorate_tiny_model") / "model") if tiny else sys.argv[1]
config: dict[str, Any] = {
    "model": model,
    "client": "hf-local",
    "device": "auto",  # a GPU when there is one
    "params": {"max_length": 1000},  # any parameter of transformers' generate()
    # The tiny model's template drops system messages on purpose; others get them, merged where they must be.
    **({"model_info": {"system_role": True}} if tiny else {}),
}

assistant = AssistantAgent("assistant", llm_config={"config_list": [config]})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": "local", "work_dir": "out"})
chat = user.initiate_chat(assistant, message="What is 37 * 54?", max_turns=3)
print("Answer:", chat.summary)


async def main() -> None:
    """Use the same model without agents; it is loaded once, for both."""
    async with HFLocalClient(**{key: value for key, value in config.items() if key != "client"}) as client:
        async for part in client.create_stream([UserMessage("What is 12 + 30?")], max_tokens=60):
            print(part if isinstance(part, str) else f"\n[{part.finish_reason}, {part.usage}]", end="", flush=True)
        print("\nNext speaker:", await client.decide("Who checks the sum?", ["coder", "critic"]))
        asked = [[UserMessage(f"What is {n} * 54?")] for n in range(1, 9)]
        results = await asyncio.gather(*(client.create(messages, max_tokens=60) for messages in asked))
        print(f"{len(results)} answers; generated together: {results[0].raw['batch']}")


asyncio.run(main())
