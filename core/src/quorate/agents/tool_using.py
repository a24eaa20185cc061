"""An agent with tools: functions that its model may call, and functions that it runs when another's model calls them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, TypeVar

from quorate._drive import blocking
from quorate.agents.calls import run_calls
from quorate.agents.model_backed import ModelBackedAgent
from quorate.agents.tool_reply import a_generate_function_call_reply, a_generate_tool_calls_reply
from quorate.errors import AgentError
from quorate.models.wire_json import is_object
from quorate.tools import Tool
from quorate.tools.names import checked_name
from quorate.tools.offered import Offered, name_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from quorate.agents.calls import Approval
    from quorate.messages import Message
    from quorate.tools.offered import Style

F = TypeVar("F", bound="Callable[..., Any]")


class ToolUsingAgent(ModelBackedAgent):
    """An agent that offers tools to its model, and runs tools.

    Args:
        name: unique among the agents of a conversation.
        system_message: instructions to the model.
        function_map: tools that this agent runs, by name.
        **kwargs: as :class:`ModelBackedAgent` takes them.

    Raises:
        ToolError: a name in ``function_map`` is none that endpoints accept.
    """

    def __init__(
        self,
        name: str,
        system_message: str | list[dict[str, Any]] | None = "",
        *,
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, system_message, **kwargs)
        self.function_map: dict[str, Callable[..., Any]] = {}
        self._approvals: dict[str, Approval] = {}
        self._tools_by_name: dict[str, Tool] = {}
        own = self.llm_config if self.client is not None else None
        functions = [one.get("name", "") for one in (own or {}).get("functions") or ()]
        self._offered = Offered(self.client.tools if self.client is not None else (), functions)
        self.register_function(function_map or {})

    # -- what the model may call

    @property
    def tool_schemas(self) -> Sequence[Mapping[str, Any]]:
        """The schemas of the tools that this agent's model may call, in wire format."""
        return self._offered.wire

    def register_for_llm(
        self, *, name: str | None = None, description: str | None = None, api_style: Style = "tool"
    ) -> Callable[[F], F]:
        """Make a decorator that lets this agent's model call a function.

        What is said of the function here holds for the next decorator too, so it need be said once. Neither the function
        nor the caller's ``llm_config`` is changed; ``agent.llm_config`` is a copy that lists the schema.

        Args:
            name: what the model calls it; the function's own name by default.
            description: what it is for; the function's docstring by default.
            api_style: ``tool``, or ``function`` to list it under ``functions``; models are offered tools in either case.

        Raises:
            AgentError: this agent has no model, or there is no such style.
            ToolError: the function cannot be a tool: says which, and which parameter is the reason.
        """
        self._check_model("register_for_llm", api_style)

        def register(func: F) -> F:
            said = self.kernel.tool_names.of(func)
            tool = Tool(func, name=name or said.name, description=description or said.description)
            self._offered.put(tool.schema, api_style)
            self.kernel.tool_names.say(func, name, description)
            self._tools_by_name[tool.name] = tool
            self._list_tools()
            return func

        return register

    def update_tool_signature(self, tool_sig: str | Mapping[str, Any], is_remove: bool = False) -> None:
        """Offer a tool whose schema is written by hand, or take one out.

        Args:
            tool_sig: the schema in wire format, or the name of the tool to take out.
            is_remove: whether to take it out.

        Raises:
            AgentError: this agent has no model.
            ToolError: the schema has no good name, or there is no such tool.
        """
        self._update(tool_sig, "tool", is_remove=is_remove)

    def update_function_signature(self, func_sig: str | Mapping[str, Any], is_remove: bool = False) -> None:
        """The same for a schema of the older form: ``name``, ``description`` and ``parameters``."""
        wire = func_sig if isinstance(func_sig, str) else {"type": "function", "function": func_sig}
        self._update(wire, "function", is_remove=is_remove)

    def _update(self, schema: str | Mapping[str, Any], style: Style, *, is_remove: bool) -> None:
        self._check_model(f"update_{style}_signature", style)
        if is_remove:
            named = schema if isinstance(schema, str) else name_in(schema)
            self._offered.remove(named, style)
        elif not is_object(schema):
            msg = f"{self.name}: a {style}'s signature is its schema, a dict, not {schema!r:.80}; a name only takes one out"
            raise AgentError(msg)
        else:
            self._offered.put(schema, style)
        self._list_tools()

    def _check_model(self, method: str, style: str) -> None:
        if self.client is None:
            msg = f"{self.name}: {method} offers tools to a model, and this agent has none; give it an llm_config"
            raise AgentError(msg)
        if style not in ("tool", "function"):
            msg = f"{self.name}: api_style is 'tool' or 'function', not {style!r}"
            raise AgentError(msg)

    def _list_tools(self) -> None:
        self.llm_config = self._offered.listed_in(self.llm_config or {})

    # -- what this agent runs

    def register_for_execution(self, name: str | None = None, *, approve: Approval | None = None) -> Callable[[F], F]:
        """Make a decorator that lets this agent run a function when a model calls it.

        Args:
            name: what the model calls it; by default what an earlier decorator said, or the function's own name.
            approve: who is asked before each call: ``"human"``, the person behind this agent; or a function
                ``(agent, call) -> bool | str``, plain or async, that gives True, False, or why not, for the model to read.

        Raises:
            AgentError: ``approve`` is neither.
            ToolError: the name is none that endpoints accept.
        """
        if approve is not None and approve != "human" and not callable(approve):
            msg = f"{self.name}: approve is 'human' or a function (agent, call) -> bool | str, not {approve!r}"
            raise AgentError(msg)

        def register(func: F) -> F:
            tool = Tool(func, name=name or self.kernel.tool_names.of(func).name)
            self.register_function({tool.name: func})
            self.kernel.tool_names.say(func, name, None)
            if approve is not None:
                self._approvals[tool.name] = approve
            return func

        return register

    def register_function(self, function_map: Mapping[str, Callable[..., Any] | None]) -> None:
        """Add functions that this agent runs, by name; None takes one out. Nobody is asked before these are called.

        Raises:
            ToolError: a name is none that endpoints accept, or it is no function.
        """
        for name, func in function_map.items():
            before = self.function_map.get(name)
            if func is None:
                self.function_map.pop(name, None)
            else:
                self._tools_by_name[name] = Tool(func, name=checked_name(name))
                self.function_map[name] = func
            self._approvals.pop(name, None)
            if func is not None and before is not None and before != func:
                warnings.warn(f"{self.name}: another function takes the place of {name!r}", UserWarning, stacklevel=2)

    def can_execute_function(self, name: str | Iterable[str]) -> bool:
        """Whether this agent runs the function of this name, or all of these."""
        return all(one in self.function_map for one in ([name] if isinstance(name, str) else name))

    def tool_named(self, name: str) -> Tool | None:
        """The tool that this agent runs under a name."""
        func = self.function_map.get(name)
        if func is None:
            return None
        known = self._tools_by_name.get(name)
        if known is None or known.func != func:  # `function_map` is the program's to change
            known = self._tools_by_name[name] = Tool(func, name=name)
        return known

    def approval_of(self, name: str) -> Approval | None:
        """Who is asked before the tool of this name is called; None for nobody."""
        return self._approvals.get(name)

    async def a_execute_function(self, func_call: Mapping[str, Any], verbose: bool = False) -> tuple[bool, Message]:
        """Run one function call.

        Args:
            func_call: ``name``, and ``arguments`` as JSON text.
            verbose: kept for AutoGen 0.2's programs; observers are told in any case.

        Returns:
            Whether it went well, and the message that answers it: ``name``, ``role`` and ``content``.
        """
        del verbose
        (result,) = await run_calls(self, [{"id": "", "type": "function", "function": func_call}], None)  # type: ignore[typeddict-item]
        content = result.content
        if result.images:
            content += "\n(Images can be seen in answer to tool_calls, not to a function_call.)"
        return not result.failed, {"name": func_call.get("name", ""), "role": "function", "content": content}

    execute_function = blocking(a_execute_function)

    a_generate_tool_calls_reply = a_generate_tool_calls_reply
    generate_tool_calls_reply = blocking(a_generate_tool_calls_reply)
    a_generate_function_call_reply = a_generate_function_call_reply
    generate_function_call_reply = blocking(a_generate_function_call_reply)


def register_function(
    f: Callable[..., Any],
    *,
    caller: ToolUsingAgent,
    executor: ToolUsingAgent,
    name: str | None = None,
    description: str | None = None,
    approve: Approval | None = None,
) -> None:
    """Let one agent's model call a function, and another agent run it.

    Args:
        f: the function.
        caller: the agent whose model is told of it.
        executor: the agent that runs it.
        name: what the model calls it; the function's own name by default.
        description: what it is for; the function's docstring by default.
        approve: who is asked before each call; see :meth:`quorate.ConversableAgent.register_for_execution`.

    Raises:
        AgentError: the caller has no model.
        ToolError: the function cannot be a tool: says which, and which parameter is the reason.
    """
    tool = Tool(f, name=name, description=description)
    run = executor.register_for_execution(name=tool.name, approve=approve)  # refused before the caller is changed
    caller.register_for_llm(name=tool.name, description=tool.description)(f)
    run(f)
