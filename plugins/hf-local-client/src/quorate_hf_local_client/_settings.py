"""What a configuration means for this client: which model is loaded how, and what every request starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quorate.config.frozen import freeze
from quorate.config.keys import nearest
from quorate.errors import ConfigError
from quorate_hf_local_client._parameters import PLAIN

if TYPE_CHECKING:
    from collections.abc import Hashable

    from quorate.config import ModelConfig
    from quorate.models import ModelInfo

_CLIENT_KEYS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "device": (str, "text"),
    "dtype": (str, "text"),
    "model_kwargs": (Mapping, "a dict"),
    "chat_template": (str, "text"),
    "chat_template_kwargs": (Mapping, "a dict"),
    "max_batch_size": (int, "a whole number above 0"),
    "model_info": (object, ""),
    "params": (Mapping, "a dict"),
}
_LARGEST_BATCH = 16


@dataclass(frozen=True, slots=True)
class Load:
    """What is loaded: two equal ones share one model in memory.

    Attributes:
        model: a folder, or a name on the Hugging Face hub.
        device: where it runs: ``cpu``, ``cuda``, ``cuda:1``, ``mps``, or ``auto`` for the best there is.
        dtype: ``auto`` for the checkpoint's own, or a torch dtype's name.
        options: further arguments of ``from_pretrained`` (``revision``, ``trust_remote_code``, ...).
        max_batch_size: answers that are generated at the same time.
        place: where the configuration stands, for messages.
    """

    model: str
    device: str
    dtype: str
    options: Mapping[str, Any] = field(repr=False)
    max_batch_size: int
    place: str

    @property
    def key(self) -> Hashable:
        """Equal for what can share one model; secrets in it are digests."""
        return (self.model, self.device, self.dtype, freeze(self.options), self.max_batch_size)


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration, taken apart.

    Attributes:
        load: what is loaded.
        chat_template: the template to use instead of the model's own, as text.
        template_kwargs: further variables of the template (``enable_thinking``, ...).
        layers: generation parameters, weakest first: those under ``params``, then the plain ones.
        info: capabilities that the user declared; None in a field means that it is found out.
    """

    load: Load
    chat_template: str | None
    template_kwargs: Mapping[str, Any]
    layers: tuple[Mapping[str, Any], ...]
    info: ModelInfo


def settings_of(config: ModelConfig, info: ModelInfo) -> Settings:
    """Take a configuration apart.

    Args:
        config: the configuration.
        info: the capabilities that the user declared.

    Raises:
        ConfigError: it names no model, or holds a key that this client does not know or a value of a wrong type.
    """
    place = config.place or "hf-local"
    if not config.model:
        msg = f"{place}.model: is missing; give a folder or the name of a model on the Hugging Face hub"
        raise ConfigError(msg)
    given = {key: value for key, value in config.params.items() if value is not None}
    _check(given, place)
    model = str(Path(config.model).expanduser()) if _is_path(config.model) else config.model
    load = Load(
        model=model,
        device=given.get("device", "auto"),
        dtype=given.get("dtype", "auto"),
        options=given.get("model_kwargs", {}),
        max_batch_size=given.get("max_batch_size", _LARGEST_BATCH),
        place=place,
    )
    plain = {key: value for key, value in given.items() if key not in _CLIENT_KEYS}
    return Settings(
        load=load,
        chat_template=_template(given.get("chat_template"), place),
        template_kwargs=given.get("chat_template_kwargs", {}),
        layers=(given.get("params", {}), plain),
        info=info,
    )


def _check(given: Mapping[str, Any], place: str) -> None:
    for key, value in given.items():
        if key not in _CLIENT_KEYS and key not in PLAIN:
            known = {*_CLIENT_KEYS, *PLAIN}
            near = nearest(key, known)
            hint = f"did you mean {near!r}" if near else f"it knows {', '.join(sorted(known))}"
            msg = f"{place}.{key}: hf-local knows no such key; {hint}; parameters of generate() go under params"
            raise ConfigError(msg)
        kind, wanted = _CLIENT_KEYS.get(key, (object, ""))
        if not isinstance(value, kind) or (kind is int and not _is_count(value)):
            msg = f"{place}.{key}: must be {wanted}, not {type(value).__name__}"
            raise ConfigError(msg)


def _is_count(value: Any) -> bool:
    return not isinstance(value, bool) and value >= 1


def _is_path(model: str) -> bool:
    return model.startswith(("/", "~", ".")) or Path(model).is_dir()


def _template(given: str | None, place: str) -> str | None:
    """The text of a chat template that is given as text or as a file."""
    if given is None or "{" in given:
        return given
    try:
        return Path(given).expanduser().read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        problem = f"{type(error).__name__}: {error}"
    msg = f"{place}.chat_template: is neither a Jinja template nor a file that can be read ({problem})"
    raise ConfigError(msg)
