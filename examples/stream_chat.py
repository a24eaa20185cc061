"""Show a chat while it is held, as a terminal or a web page of your own would: event by event.

The model is the embedded demonstration model; any other goes in its place.
"""

from __future__ import annotations

from quorate import AssistantAgent, UserProxyAgent
from quorate.events import ChatEnded, CodeEnded, TextPart

assistant = AssistantAgent("assistant", llm_config={"config_list": [{"client": "tiny", "model": "tiny"}]})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": "local", "work_dir": "work"})

stream = user.stream_chat(assistant, message="What is 37 * 54?", silent=True)  # the terminal is ours here
for event in stream:
    match event:
        case TextPart(text=text):
            print(text, end="", flush=True)
        case CodeEnded(result=result):
            print(f"\n[the code ran and gave {result.output.strip()}]\n")
        case ChatEnded(stop_reason=reason):
            print(f"\n[the chat is over: {reason}]")

print("Answer:", stream.result.summary)
