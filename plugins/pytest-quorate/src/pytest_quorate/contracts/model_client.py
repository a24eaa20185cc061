"""The contract of every model client, wherever its model is."""

from __future__ import annotations

from pytest_quorate.contracts.answers import AnswerTests
from pytest_quorate.contracts.capabilities import CapabilityTests
from pytest_quorate.contracts.counting import CountingTests
from pytest_quorate.contracts.deciding import DecisionTests
from pytest_quorate.contracts.lifetime import LifetimeTests
from pytest_quorate.contracts.protocol import ProtocolTests


class ModelClientContract(
    ProtocolTests, AnswerTests, LifetimeTests, CapabilityTests, DecisionTests, CountingTests, contract=True
):
    """What every model client promises: one that computes in this process as well as one that asks a server.

    A plugin's test class says how to make a client, and what it can do::

        class TestContract(ModelClientContract):
            capabilities = frozenset({"tools"})

            def make_client(self):
                return MyClient(model="m")

    A claimed capability is tested. One that is not claimed must be refused: with a ``ModelError`` of the kind
    ``bad_request``, or by a sentence of the client's docstring that ``documented_refusals`` quotes. Two of them every
    client may offer unclaimed: ``decide`` claimed cannot fail, and ``count_tokens`` claimed is exact.

    Answers are compared with one another, so let ``make_client`` give a client that does not vary (temperature 0).
    """
