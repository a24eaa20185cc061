"""A program that runs code with the executor of a test class, so that a test can kill it: FILE CLASS FOLDER CODE."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from typing import Any

from quorate import CodeBlock, call


def main() -> None:
    """Run the code until somebody ends this process."""
    file, name, folder, code = sys.argv[1:]
    spec = importlib.util.spec_from_file_location("tests_of_the_executor", file)
    if spec is None or spec.loader is None:
        sys.exit(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part)
    executor = found().make(Path(folder), timeout=120)

    async def run() -> None:
        await call("code", executor.execute_code_blocks, [CodeBlock(code, "python")])

    asyncio.run(run())


if __name__ == "__main__":
    main()
