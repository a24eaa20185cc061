"""A human in the loop: a person reads each message, and lets the user proxy answer by itself, answers, or ends the chat.

The person here is a script. Leave ``person`` out and it is you: press enter to let the code run, type an answer, or type
exit. The model is the embedded demonstration model; any other goes in its place.
"""

from __future__ import annotations

from quorate import AssistantAgent, UserProxyAgent

TYPED = iter(["", "What is 1998 + 2?", "", "exit"])


def person(prompt: str) -> str:
    """Answer a prompt; a web page or an async queue could stand here."""
    typed = next(TYPED)
    print(f"{prompt}{typed or '(enter)'}")
    return typed


assistant = AssistantAgent("assistant", llm_config={"config_list": [{"client": "tiny", "model": "tiny"}]})
user = UserProxyAgent(
    "user",
    human_input_mode="ALWAYS",  # TERMINATE asks only before the chat would end, NEVER not at all
    code_execution_config={"executor": "local", "work_dir": "work"},
    person=person,
)

chat = user.initiate_chat(assistant, message="What is 37 * 54?")

print("Typed:", chat.human_input)
print("Ended because", chat.stop_reason)
