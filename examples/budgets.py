"""A chat that ends by itself: budgets, a thank-you loop, and a nested chat that spends the budget around it.

Run: `python examples/budgets.py`. The model is scripted, so no network is needed.
"""

from __future__ import annotations

from quorate import ConversableAgent, CreateResult, Usage
from quorate.stopping import courtesy_loop, tokens, turns, wall
from quorate.testing import ScriptedClient, isolated_kernel


def says(text: str) -> CreateResult:
    """An answer of 150 tokens."""
    return CreateResult(text, usage=Usage(prompt_tokens=100, completion_tokens=50), model="scripted")


SCRIPT = ["A poem about rain: it falls.", "You're welcome! Have a great day!", *["It falls softly."] * 20]
CONFIG = {"model": "scripted", "max_tokens": 100}

with isolated_kernel(ScriptedClient(script=[says(text) for text in SCRIPT])) as kernel:

    def agent(name: str, **options: object) -> ConversableAgent:
        """An agent that asks nobody."""
        return ConversableAgent(name, human_input_mode="NEVER", kernel=kernel, **options)

    poet = agent("poet", llm_config=CONFIG)
    reader = agent("reader", default_auto_reply="Thank you so much!")

    # Two courtesies in a row end the chat; without the condition the two would thank each other for ever.
    chat = reader.initiate_chat(poet, message="Write a poem.", stop=courtesy_loop() | turns(20) | wall("1m"))
    print(f"{len(chat.chat_history)} messages; {chat.stop_reason}")

    # A call that does not fit any more is not made. What was said stays.
    critic = agent("critic", default_auto_reply="Once more, and better.")
    chat = critic.initiate_chat(poet, message="Make it better.", stop=tokens(800))
    used = chat.cost["usage_including_cached_inference"]["scripted"]["total_tokens"]
    print(f"{len(chat.chat_history)} messages, {used} tokens; {chat.stop_reason}")

    # The editor's reply is a chat of its own, which spends the budget of the chat around it.
    async def ask_the_poet(
        recipient: ConversableAgent, messages: list, sender: object, config: object
    ) -> tuple[bool, str]:
        """Let the critic and the poet talk, and give their last word."""
        del recipient, messages, sender, config
        inner = await critic.a_initiate_chat(poet, message="Another one.", stop=turns(3))
        print(f"  the inner chat: {len(inner.chat_history)} messages; {inner.stop_reason}")
        return True, inner.summary

    editor = agent("editor")
    editor.register_reply(ConversableAgent, ask_the_poet)
    chat = reader.initiate_chat(editor, message="I need poems.", stop=tokens(1_200))
    print(f"{len(chat.chat_history)} messages; {chat.stop_reason}")
