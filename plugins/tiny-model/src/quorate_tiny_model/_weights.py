"""Read a safetensors file with NumPy alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pathlib import Path

Array: TypeAlias = NDArray[np.float32]

_DTYPES: Final[dict[str, np.dtype[Any]]] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}


def read_safetensors(path: Path) -> dict[str, Array]:
    """Read every tensor of a safetensors file.

    The layout is the one of https://github.com/huggingface/safetensors: eight bytes with the
    little-endian length of a JSON header, the header, then the raw tensors.

    Args:
        path: The file; its tensors are float16 or float32.

    Returns:
        The tensors by name, as float32 arrays of their own shape.

    Raises:
        ValueError: If the file is cut short or holds a type other than float16 and float32.
    """
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    if len(data) < start:
        msg = f"{path}: the header is cut short"
        raise ValueError(msg)
    header: dict[str, dict[str, Any]] = json.loads(data[8:start])
    header.pop("__metadata__", None)
    return {name: _tensor(path, data[start:], name, entry) for name, entry in header.items()}


def _tensor(path: Path, body: bytes, name: str, entry: dict[str, Any]) -> Array:
    dtype = _DTYPES.get(entry["dtype"])
    begin, end = (int(offset) for offset in entry["data_offsets"])
    if dtype is None or not 0 <= begin <= end <= len(body):
        msg = f"{path}: cannot read {name} ({entry['dtype']}, bytes {begin} to {end})"
        raise ValueError(msg)
    shape = tuple(int(size) for size in entry["shape"])
    return np.frombuffer(body[begin:end], dtype).reshape(shape).astype(np.float32)
