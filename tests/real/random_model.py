"""Makes a Qwen2 of random weights with a tokenizer of its own; run by vLLM's Python: ``random_model.py FOLDER``.

Its answers mean nothing. Its chat template is as strict as some real ones (Mistral 7B Instruct v0.2, Gemma 2): no
system role, no tools, user and assistant in turn; and it has the tokens that a reasoning parser looks for.
"""

from __future__ import annotations

import string
import sys

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

SPECIAL = ("<pad>", "<bos>", "<eos>", "[INST]", "[/INST]", "<think>", "</think>")
TEMPLATE = """{{ bos_token }}{% for message in messages %}\
{% if message['role'] not in ('user', 'assistant') %}\
{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}\
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}\
{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}\
{% if message['role'] == 'user' %}[INST] {{ message['content'] }} [/INST]\
{% else %}{{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}"""


def main(folder: str) -> None:
    """Write the model in Hugging Face format."""
    pieces = (*SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet()))
    core = Tokenizer(models.BPE(vocab={piece: number for number, piece in enumerate(pieces)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        additional_special_tokens=list(SPECIAL[3:5]),
    )
    # As in real models they are ordinary tokens, for the parser looks for them in the text too.
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in SPECIAL[5:]])
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=len(pieces),
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        bos_token_id=1,
        eos_token_id=2,
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
    assert tokenizer.decode(tokenizer.encode(string.ascii_letters)) == string.ascii_letters


if __name__ == "__main__":
    main(sys.argv[1])
