"""Record what Hugging Face's libraries make of the model, for the plugin's tests to compare with.

    python record.py ../src/quorate_tiny_model/model ../tests/reference.json

Needs torch, transformers and tokenizers; the tests that read the file need none of them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = [
    "What is 37 * 54?",
    "what's 1,234.50 + -7?",
    "Sort these numbers: 5, 3, 9",
    "how many r's are in strawberry",
    "WHAT IS THE SUM OF 1 AND 2",
    "",
    " ",
    "\n\n  \t x",
    "naïve café — “quoted” … 数学 🙂👩‍👩‍👧 ﷽",
    "print(sum([1, 2, 3]))\n",
    "```python\nprint(len('strawberry'))\n```",
    "exitcode: 0 (execution succeeded)\nCode output: \n1998\n",
    "exitcode: 1 (execution failed)\nCode output: Traceback (most recent call last):",
    "TERMINATE",
    "supercalifragilisticexpialidocious",
    "a" * 40,
    "The answer is 12\nTERMINATE",
    "२३ + ٤٥",
    "x\u0000y\u00a0z",
    "I need 3 of these... really!?",
]
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Add.",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
    },
}
WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
CODE = {"role": "assistant", "content": "```python\nprint(37 * 54)\n```"}
ASKED = {"role": "user", "content": "What is 37 * 54?"}
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "call_0", "type": "function", "function": {"name": "add", "arguments": '{"a": 3, "b": 4}'}}],
}


def output(text: str, code: int = 0) -> dict[str, str]:
    """A message with an execution's output."""
    return {
        "role": "user",
        "content": f"exitcode: {code} (execution {'failed' if code else 'succeeded'})\nCode output: \n{text}\n",
    }


CONVERSATIONS: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = [
    ([ASKED], []),
    ([{"role": "system", "content": "You are helpful."}, ASKED], []),
    ([ASKED, CODE, output("1998")], []),
    ([ASKED, CODE, output("NameError: name 'x' is not defined", 1)], []),
    ([ASKED, CODE, output("1, " * 90)], []),
    ([{"role": "user", "content": "What is the capital of France?"}], []),
    ([{"role": "user", "content": "Sort these numbers: 5, 3, 9, 1, 7"}], []),
    ([{"role": "user", "content": "Call add with a=3, b=4"}], [ADD, WEATHER]),
    (
        [
            {"role": "user", "content": "Call add with a=3, b=4"},
            CALL,
            {"role": "tool", "tool_call_id": "call_0", "content": "7"},
        ],
        [ADD],
    ),
    (
        [
            {"role": "user", "content": "Call add with a=3, b=4"},
            CALL,
            {"role": "tool", "tool_call_id": "call_0", "content": "7 " * 100},
        ],
        [ADD],
    ),
]


def main() -> None:
    """Record and write."""
    parser = argparse.ArgumentParser(description="Record reference values.")
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
    record: dict[str, Any] = {
        "texts": [{"text": text, "ids": tokenizer(text, add_special_tokens=False).input_ids} for text in TEXTS],
        "conversations": [],
    }
    for messages, tools in CONVERSATIONS:
        prompt = tokenizer.apply_chat_template(
            messages, tools=tools or None, add_generation_prompt=True, return_dict=True, return_tensors="pt"
        )["input_ids"]
        with torch.no_grad():
            logits = model(prompt).logits[0, -1]
            answer = model.generate(
                prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=192, do_sample=False
            )[0, prompt.shape[1] :]
        record["conversations"].append(
            {
                "messages": messages,
                "tools": tools,
                "prompt": prompt[0].tolist(),
                "logits": [round(x, 4) for x in logits[:: max(1, len(logits) // 64)].tolist()],
                "every": max(1, len(logits) // 64),
                "answer": answer.tolist(),
            }
        )
    options.out.write_text(json.dumps(record, ensure_ascii=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
