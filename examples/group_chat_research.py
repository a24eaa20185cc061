"""A research team in a group chat: a planner, a researcher with a tool, a writer and a critic, and a model that chooses.

The answers are scripted, so that this runs without a key or a network. With a real model, give the agents and the manager
an llm_config such as {"config_list": [{"model": "gpt-5", "api_key": "..."}]}, and leave the scripts and the kernel out.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

from quorate import AssistantAgent, CreateResult, GroupChat, GroupChatManager, Kernel, ModelInfo, UserProxyAgent
from quorate.console import Console
from quorate.testing import ScriptedClient

HEIGHTS = {"Everest": 8849, "K2": 8611}


def calling(name: str, **arguments: Any) -> CreateResult:
    """What a model answers that calls a tool."""
    text = json.dumps(arguments)
    return CreateResult([{"id": "call_1", "type": "function", "function": {"name": name, "arguments": text}}], cost=0.0)


SCRIPTS: dict[str, list[Any]] = {
    "planner": ["Researcher: look up both heights. Writer: compare them in one sentence. Critic: check it."],
    "researcher": [calling("height", mountains=["Everest", "K2"]), "Everest is 8849 m high and K2 is 8611 m high."],
    "writer": ["Everest is 238 metres higher than K2."],
    "critic": ["8849 - 8611 is 238, so the sentence is right. TERMINATE"],
    "chooser": ["planner", "researcher", "researcher", "writer", "critic"],
}

kernel = Kernel(observers=[Console()])
for name, script in SCRIPTS.items():
    # The chooser's model can be held to a schema, as most can; the roster is its enum.
    info = ModelInfo(structured_output=name == "chooser")
    answers = [json.dumps({"choice": text}) for text in script] if name == "chooser" else script
    kernel.register(ScriptedClient(script=answers, name=name, model_info=info), f"script-of-{name}")


def member(name: str, task: str) -> AssistantAgent:
    """One of the team, with its own instructions and model."""
    config = {"config_list": [{"client": name, "model": "scripted"}]}
    return AssistantAgent(name, system_message=task, llm_config=config, kernel=kernel)


planner = member("planner", "You break a question down into steps, and say who does which.")
researcher = member("researcher", "You look facts up with your tool, and report them.")
writer = member("writer", "You write the answer from the facts that the researcher found.")
critic = member("critic", "You check the answer against the facts. When it is right, you end with TERMINATE.")
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, kernel=kernel)


@user.register_for_execution()
@researcher.register_for_llm(description="Look up the heights of mountains, in metres.")
def height(mountains: Annotated[list[str], "their names"]) -> dict[str, int]:
    """What is known of them."""
    return {mountain: HEIGHTS[mountain] for mountain in mountains}


group = GroupChat(agents=[user, planner, researcher, writer, critic], messages=[], max_round=12)
chooser = {"config_list": [{"client": "chooser", "model": "scripted"}]}
manager = GroupChatManager(groupchat=group, llm_config=chooser, kernel=kernel)

chat = user.initiate_chat(manager, message="How much higher than K2 is Everest?")

print("Spoke:", ", ".join(str(message.get("name")) for message in group.messages))
print("Ended because", chat.stop_reason)
if [message.get("name") for message in group.messages][-2:] != ["writer", "critic"]:
    sys.exit("the writer and the critic did not have the last words")
