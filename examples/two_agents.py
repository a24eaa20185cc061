"""Two agents solve a task: the assistant writes code, the user proxy runs it, the assistant reads the result.

The model is the embedded demonstration model: no key, no network, and good for sums only. Any other goes in its
place, such as {"model": "gpt-5", "api_key": "..."}, or a whole list read by config_list_from_json.
"""

from __future__ import annotations

from quorate import AssistantAgent, UserProxyAgent

config_list = [{"client": "tiny", "model": "tiny"}]

assistant = AssistantAgent("assistant", llm_config={"config_list": config_list})
user = UserProxyAgent(
    "user",
    human_input_mode="NEVER",  # ALWAYS would ask you before each reply
    code_execution_config={"executor": "local", "work_dir": "work"},  # runs on this machine, as you: no sandbox
)

chat = user.initiate_chat(assistant, message="What is 37 * 54?")

print("Answer:", chat.summary)
print("Ended because", chat.stop_reason)
