"""The contract of clients that speak chat completions to a URL."""

from __future__ import annotations

from pytest_quorate import WireClientContract
from quorate_openai_client import RECORD, OpenAIChatCompletionClient

LOCALS = "the core's decoder raises from frames that hold the undecoded body, and with it what the endpoint echoes"
NOT_TEXT = "the core's stream decoder lets content through that is no text, and raises a TypeError at the end"


class TestContract(WireClientContract):
    record = RECORD
    capabilities = frozenset(
        {"tools", "parallel_tools", "structured_output", "vision", "logprobs", "n", "seed", "reasoning"}
    )
    known_gaps = dict.fromkeys(
        [
            *(
                f"test_no_key_in_errors[200 {echo}-{way}]"
                for echo in ("error", "garbage", "no completion")
                for way in ("create", "create_stream")
            ),
            *(
                f"test_no_key_in_errors_of_streams[{echo}]"
                for echo in ("error", "garbage", "no chunk", "error after text")
            ),
        ],
        LOCALS,
    ) | dict.fromkeys([f"test_events[content of another type-{when}]" for when in ("at once", "after text")], NOT_TEXT)

    def make_client(self, base_url, **config):
        return OpenAIChatCompletionClient(model="m", base_url=base_url, **config)
