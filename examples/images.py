"""Images: one made by code, told of to a model that cannot see, and shown to one that can.

The first model is the embedded demonstration model, which reads text only. QUORATE_OPENAI_URL and QUORATE_OPENAI_MODEL
name an endpoint whose model sees; QUORATE_OPENAI_KEY is its key. Without them, that part says so and is left out.
"""

from __future__ import annotations

import os
from typing import Any

from quorate import AssistantAgent, ImagePart, ModelsExhausted, UserMessage, UserProxyAgent
from quorate.messages import text_of
from quorate.transforms import WithoutImages

DRAW = """Draw a red square.

```python
import struct, zlib

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

size = 64
rows = (b"\\0" + b"\\xe0\\x20\\x20" * size) * size
png = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
open("square.png", "wb").write(png + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
print("drawn")
```"""

# Code makes an image, which is shown in the reply.
work = {"executor": "local", "work_dir": "out", "show_images": True}
painter = UserProxyAgent("painter", human_input_mode="NEVER", code_execution_config=work)
reply = painter.generate_reply([UserMessage(DRAW)])
print("The reply is", text_of(reply.get("content")) if isinstance(reply, dict) else reply)

# A model that cannot see is not asked: the error says why, and what to do.
tiny: dict[str, Any] = {"client": "tiny", "model": "tiny"}
question = UserMessage(["What is 6 * 7? ", ImagePart("out/square.png")])
blind = AssistantAgent("blind", llm_config={"config_list": [tiny]})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
try:
    user.initiate_chat(blind, message=question, max_turns=1)
except ModelsExhausted as error:
    print(error)

# It can read the rest.
blind.transforms.append(WithoutImages())
user.initiate_chat(blind, message=question, max_turns=1)

# The next configuration of a list that sees is asked instead.
if "QUORATE_OPENAI_URL" in os.environ and "QUORATE_OPENAI_MODEL" in os.environ:
    sees: dict[str, Any] = {
        "client": "openai",
        "model": os.environ["QUORATE_OPENAI_MODEL"],
        "base_url": os.environ["QUORATE_OPENAI_URL"],
        "api_key": os.environ.get("QUORATE_OPENAI_KEY"),
    }
    both = AssistantAgent("both", llm_config={"config_list": [tiny, sees]})
    user.initiate_chat(both, message=UserMessage(["What is this?", ImagePart("out/square.png")]), max_turns=1)
else:
    print("not run: QUORATE_OPENAI_URL and QUORATE_OPENAI_MODEL are not set; they name a model that sees")
