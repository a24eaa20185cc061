"""Society of mind: to others one agent, inside a group that talks until it has an answer.

The model is the embedded demonstration model; any other goes in its place, and then the society may have one, too, to
word its answer: SocietyOfMindAgent("society", manager, llm_config=...).
"""

from __future__ import annotations

from quorate import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, SocietyOfMindAgent, UserProxyAgent

writer = AssistantAgent("writer", llm_config={"config_list": [{"client": "tiny", "model": "tiny"}]})
runner = UserProxyAgent(
    "runner", human_input_mode="NEVER", code_execution_config={"executor": "local", "work_dir": "work"}
)
group = GroupChat([writer, runner], max_round=6, speaker_selection_method="round_robin")
society = SocietyOfMindAgent("society", GroupChatManager(group), human_input_mode="NEVER")
user = ConversableAgent("user", human_input_mode="NEVER")

chat = user.initiate_chat(society, message="What is 37 * 54?", max_turns=1)

print("Said inside:", [message.get("name") for message in group.messages])
print("Answer:", chat.summary)
