"""Two agents solve a task; the code that one writes runs in a container, without a network and as the caller's user.

Needs a Docker engine that has the image ``python:3`` or can pull it, and says so when there is none.
"""

from __future__ import annotations

import sys

from quorate import AssistantAgent, ExecutorError, UserProxyAgent

config_list = [{"client": "tiny", "model": "tiny"}]

assistant = AssistantAgent("assistant", llm_config={"config_list": config_list})
user = UserProxyAgent(
    "user",
    human_input_mode="NEVER",
    code_execution_config={"work_dir": "_output", "use_docker": "python:3"},
)

try:
    chat = user.initiate_chat(assistant, message="What is 37 * 54?")
except ExecutorError as error:
    print(f"not run: {error}")
    sys.exit(0)

print("Answer:", chat.summary)
