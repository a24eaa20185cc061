"""``code_execution_config``: which executor runs an agent's code, and how far back code is looked for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from quorate.coding.isolation import LEVELS, Requirement
from quorate.config.guards import is_list, is_mapping
from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.kernel import Kernel
    from quorate.messages import Message

_TRUE, _FALSE = ("1", "true", "yes", "t"), ("0", "false", "no", "f", "none")


class CodeExecution:
    """An agent's code execution, as its ``code_execution_config`` describes it.

    Keys: ``executor`` (a name, ``name@plugin``, or an executor object), ``use_docker`` (AutoGen 0.2's: True, False,
    an image name or a list of them), ``last_n_messages`` (a number or ``"auto"``: what came since the agent last
    spoke), ``require`` (what the executor must guarantee: ``{"isolation": "container", "network": False}``, either key
    alone too), ``show_images`` (whether image files that code makes are shown in the reply, for models that see); every
    other key is an option of the executor, and so is each key of a dict under its name, as AutoGen 0.2
    has it (``{"executor": "commandline-local", "commandline-local": {"timeout": 30}}``).

    Args:
        kernel: finds the executor.
        config: the configuration.

    Raises:
        ConfigError: the configuration contradicts itself, or the executor guarantees less than it requires.
        UnknownName: the executor that it names is not installed.
    """

    def __init__(self, kernel: Kernel, config: Mapping[str, Any]) -> None:
        self._kernel, self._config = kernel, config
        options = dict(config)
        self.last_n_messages: Any = options.pop("last_n_messages", "auto")
        if self.last_n_messages != "auto" and not _is_count(self.last_n_messages):
            msg = f'code_execution_config.last_n_messages: must be "auto" or a whole number, 0 or more, not {self.last_n_messages!r}'
            raise ConfigError(msg)
        self.show_images = options.pop("show_images", False)
        if not isinstance(self.show_images, bool):
            msg = f"code_execution_config.show_images: must be True or False, not {self.show_images!r}"
            raise ConfigError(msg)
        required = options.pop("require", None)
        asked = options.pop("executor", None)
        docker = options.pop("use_docker", None)
        if asked is not None and docker is not None:
            msg = "code_execution_config: executor and use_docker both choose the executor; leave one of them out"
            raise ConfigError(msg)
        if docker is not None and not isinstance(docker, bool | str) and not is_list(docker):
            msg = f"code_execution_config.use_docker: must be True, False, an image or a list of images, not {docker!r}"
            raise ConfigError(msg)
        self.use_docker: bool | str | Sequence[str] | None = docker
        self._object: Any = None
        self._name, self._options = "", options
        if isinstance(asked, str):
            self._name, self._options = asked, dict(_own_options(options, asked)) | options
        elif asked is not None:
            self._object = _checked(asked, options)
        else:
            self._name, self._options = _by_docker(docker, options)
        named = isinstance(asked, str) or docker is not None
        if named:  # what was asked for by name is refused here; the default one when code is to be run
            kernel.executor_record(self._name)
        if required is not None:
            self._enforce(Requirement.parse(required, "code_execution_config.require"))

    @property
    def executor(self) -> Any:
        """The executor; made on first use."""
        if self._object is not None:
            return self._object
        return self._kernel.code_executor(self._name, self._options)

    def altered(self, options: Mapping[str, Any]) -> CodeExecution:
        """The same with other options; one that chooses the executor takes the place of whatever chose it."""
        if not options:
            return self
        kept = dict(self._config)
        if "executor" in options or "use_docker" in options:
            kept.pop("executor", None)
            kept.pop("use_docker", None)
        return CodeExecution(self._kernel, kept | dict(options))

    def _enforce(self, requirement: Requirement) -> None:
        """Refuse an executor that guarantees less; a named one is made for that, since its options count too."""
        if self._object is not None:
            which, isolation, network = f"the executor {self._object!r:.80}", *_declared(self._object)
        else:
            info, _ = self._kernel.offer("code executor", self._name)
            record = self._kernel.executor_record(self._name)
            which = f"the executor {record.name!r} of {info.label}"
            isolation, network = _declared(self.executor)
            # What the object does not say, its record says of executors without options.
            isolation = min(isolation or record.isolation, record.isolation, key=_rank)
            network = record.network or bool(self._options.get("network")) if network is None else network
            if self._options and not requirement.shortfall(record.isolation, record.network):
                which += f" with the options {', '.join(sorted(self._options))}"
        if lacks := requirement.shortfall(isolation, network):
            msg = f"code_execution_config.require: {which} {lacks}; {self._instead(requirement)}"
            raise ConfigError(msg)

    def _instead(self, requirement: Requirement) -> str:
        records = map(self._kernel.executor_record, self._kernel.names("code executor"))
        if names := requirement.satisfied_by(records):
            return f"without options that relax it, this satisfies {requirement}: {', '.join(names)}"
        hint = (
            ""
            if requirement.isolation == "vm"
            else "; quorate-docker-executor would: pip install quorate-docker-executor"
        )
        return f"no installed executor satisfies {requirement}{hint}"

    def searched(self, messages: Sequence[Message]) -> list[Message]:
        """The messages that may hold code to run, latest first."""
        if self.last_n_messages != "auto":
            return [messages[-back] for back in range(1, min(int(self.last_n_messages), len(messages)) + 1)]
        found: list[Message] = []
        for back in range(1, len(messages) + 1):
            message = messages[-back]
            if message.get("role") == "assistant":
                break
            found.append(message)
        return found


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _checked(executor: Any, options: Mapping[str, Any]) -> Any:
    if not callable(getattr(executor, "execute_code_blocks", None)):
        msg = f"code_execution_config.executor: {executor!r} has no execute_code_blocks; give a name or an executor"
        raise ConfigError(msg)
    if options:
        msg = f"code_execution_config: {', '.join(options)} belong to the executor; set them where it is made"
        raise ConfigError(msg)
    return executor


def _own_options(options: dict[str, Any], name: str) -> Mapping[str, Any]:
    """What stands under the executor's own name; taken out."""
    own = options.pop(name, {})
    if not is_mapping(own):
        msg = f"code_execution_config.{name}: must be a dict of the executor's options, not {own!r}"
        raise ConfigError(msg)
    return own


def _declared(executor: Any) -> tuple[Any, Any]:
    """What an executor object says of itself; None for what it does not say."""
    return getattr(executor, "isolation", None), getattr(executor, "network", None)


def _rank(level: object) -> int:
    return LEVELS.index(str(level)) if level in LEVELS else -1


def _by_docker(docker: Any, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """AutoGen 0.2's ``use_docker``, and its environment variable where neither is given: docker unless it says no."""
    if docker is None:
        named = os.environ.get("AUTOGEN_USE_DOCKER", "true").strip().lower()
        if named not in (*_TRUE, *_FALSE):
            msg = f"AUTOGEN_USE_DOCKER={named!r}: must be one of {', '.join((*_TRUE, *_FALSE))}"
            raise ConfigError(msg)
        docker = named in _TRUE
    if docker is False:
        return "local", options
    if docker is True:
        return "docker", options
    return "docker", {**options, "image": docker}
