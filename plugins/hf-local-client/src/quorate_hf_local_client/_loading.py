"""Loading models, one for all clients that ask for the same: held while somebody holds a lease on it."""

from __future__ import annotations

import importlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from quorate.errors import ConfigError, ModelError
from quorate_hf_local_client._engine import Engine

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from quorate_hf_local_client._settings import Load

_FOR_TOKENIZER = ("cache_dir", "local_files_only", "revision", "subfolder", "token", "trust_remote_code")


@dataclass(slots=True)
class Loaded:
    """A model in memory.

    Attributes:
        model: the causal language model; None after it was let go.
        tokenizer: its tokenizer.
        ends: tokens that end an answer.
        context: tokens that prompt and answer may have together; None when the model does not say.
        defaults: its ``generation_config.json``.
    """

    model: Any
    tokenizer: Any
    ends: Sequence[int]
    context: int | None
    defaults: Mapping[str, Any]

    def release(self) -> None:
        """Let the model go, and give a GPU's memory back."""
        on_gpu = self.model is not None and self.model.device.type == "cuda"
        self.model = None
        if on_gpu:
            importlib.import_module("torch").cuda.empty_cache()


class _Entry:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holders = 0
        self.engine: Engine | None = None


_table: dict[Hashable, _Entry] = {}
_lock = threading.Lock()
# transformers sets torch's default dtype while it builds a model, for all threads.
_one_load = threading.Lock()


class Lease:
    """Somebody's hold on a model: the first one loads it, the last one to let go frees it.

    Args:
        load: what is held. Models are not shared with a forked child, whose threads are gone.
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        self._key = (os.getpid(), load.key)
        with _lock:
            self._entry = _table.setdefault(self._key, _Entry())
            self._entry.holders += 1
        self._held = True

    def engine(self) -> Engine:
        """The model with its thread; loads it when nobody has. Blocks: call it in a thread.

        Raises:
            ConfigError: the model, device or dtype is not there or cannot be used.
            ModelError: the model would have to be downloaded, and that failed.
        """
        entry = self._entry
        with entry.lock:
            if entry.engine is None:
                with _one_load:
                    loaded = _load(self._load)
                entry.engine = Engine(loaded, largest=self._load.max_batch_size, name=_name(self._load))
            engine = entry.engine
        if entry.holders == 0:  # let go while it was loaded
            engine.close()
        return engine

    def release(self, *, wait: bool = True) -> None:
        """Let go; doing it twice is fine. The last one to do it waits for the token under way."""
        with _lock:
            if not self._held:
                return
            self._held = False
            self._entry.holders -= 1
            if self._entry.holders:
                return
            _table.pop(self._key, None)
        if self._entry.engine is not None:
            self._entry.engine.close(wait=wait)


def _name(load: Load) -> str:
    return f"{load.place} (hf-local, {load.model})"


def _load(load: Load) -> Loaded:
    if load.model.startswith(("/", "~", ".")) and not Path(load.model).is_dir():
        msg = f"{load.place}.model: there is no folder {load.model!r}; give a folder with config.json, or a name on the hub"
        raise ConfigError(msg)
    # Here and not at the top: this takes seconds, and belongs into the thread that loads.
    torch: Any = importlib.import_module("torch")
    transformers: Any = importlib.import_module("transformers")
    device = _device(torch, load)
    dtype = _dtype(torch, load)
    options = dict(load.options)
    bars = transformers.utils.logging
    shown = bars.is_progress_bar_enabled() and Path(load.model).is_dir()
    if shown:  # a download shows its progress; reading local files is not worth a bar
        bars.disable_progress_bar()
    try:
        chosen = {key: options[key] for key in _FOR_TOKENIZER if key in options}
        tokenizer = transformers.AutoTokenizer.from_pretrained(load.model, **chosen)
        # The first encoding undoes padding and truncation that were saved with it; after that, threads may share it.
        tokenizer.encode("")
        model = transformers.AutoModelForCausalLM.from_pretrained(load.model, dtype=dtype, **options)
        if dtype == "auto" and device == "cpu" and model.dtype == torch.float16:
            model = model.float()  # half precision is slower on a CPU, and rounds more
        if "device_map" not in options:
            model = model.to(device)
    except Exception as error:
        raise _problem(load, error) from error
    finally:
        if shown:
            bars.enable_progress_bar()
    return _loaded(transformers, model.eval(), tokenizer)


def _device(torch: Any, load: Load) -> str:
    gpu = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if load.device == "auto":
        return gpu
    try:
        kind = torch.device(load.device).type
    except RuntimeError as error:
        msg = f"{load.place}.device: torch knows no device {load.device!r}; use cpu, cuda, cuda:1, mps or auto"
        raise ConfigError(msg) from error
    if kind in ("cuda", "mps") and kind != gpu:
        msg = (
            f"{load.place}.device: {load.device!r} was asked for, and torch {torch.__version__} finds no such device "
            f"here; leave device out to use what there is ({gpu}), or install a torch built for it"
        )
        raise ConfigError(msg)
    return load.device


def _dtype(torch: Any, load: Load) -> Any:
    name = load.dtype.removeprefix("torch.")
    dtype: Any = getattr(torch, name, None)
    if name == "auto" or (isinstance(dtype, torch.dtype) and dtype.is_floating_point):
        return "auto" if name == "auto" else dtype
    msg = (
        f"{load.place}.dtype: {load.dtype!r} is no floating-point type of torch; use auto, float32, bfloat16 or float16"
    )
    raise ConfigError(msg)


def _loaded(transformers: Any, model: Any, tokenizer: Any) -> Loaded:
    defaults: dict[str, Any] = model.generation_config.to_diff_dict()
    end = model.generation_config.eos_token_id
    end = tokenizer.eos_token_id if end is None else end
    ends: list[int] = [] if end is None else list(cast("list[int]", end)) if isinstance(end, list) else [end]
    pads = (model.generation_config.pad_token_id, tokenizer.pad_token_id, *ends, 0)
    # What a request says is complete: no default of the checkpoint's may slip in beside it.
    model.generation_config = transformers.GenerationConfig(
        pad_token_id=next(pad for pad in pads if pad is not None), eos_token_id=ends or None
    )
    return Loaded(model, tokenizer, ends, _context(model.config, tokenizer), defaults)


def _context(config: Any, tokenizer: Any) -> int | None:
    of_model = getattr(config.get_text_config(), "max_position_embeddings", None)
    limits = [limit for limit in (of_model, tokenizer.model_max_length) if isinstance(limit, int) and 0 < limit < 10**9]
    return min(limits, default=None)


def _problem(load: Load, error: Exception) -> Exception:
    """What a failure to load means, by the types of the Hugging Face libraries where these tell."""
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    kinds = {kind.__name__ for each in chain for kind in type(each).__mro__}
    name, said = f"{load.place}.model: {load.model!r}", " ".join(str(error).split())
    if "GatedRepoError" in kinds:
        return ModelError(
            f"{name} may be downloaded by permission only; ask for it on the hub and set HF_TOKEN", kind="auth"
        )
    if kinds & {"RepositoryNotFoundError", "RevisionNotFoundError", "HFValidationError"}:
        return ConfigError(
            f"{name} is neither a folder here nor on the Hugging Face hub (or it is private: set HF_TOKEN)"
        )
    if kinds & {
        "LocalEntryNotFoundError",
        "OfflineModeIsEnabled",
        "ConnectionError",
        "ConnectError",
        "TimeoutException",
    }:
        msg = f"{name} is not in the local cache, and the Hugging Face hub cannot be reached; download it first (hf download {load.model}), or give a folder"
        return ModelError(msg, kind="network")
    return ConfigError(f"{name} cannot be loaded: {type(error).__name__}: {said:.600}")
