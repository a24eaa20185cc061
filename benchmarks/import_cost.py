"""What `import quorate` and discovery cost: CPU time of a fresh interpreter, over a bare one.

`python benchmarks/import_cost.py [ROUNDS]`. Bytecode is present, as after an installation; rounds alternate
between the programs, so that a busy machine slows all of them alike; medians are shown.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

ROUNDS = 25
PROGRAMS = {
    "bare interpreter": "pass",
    "import quorate": "import quorate",
    "import quorate, and discovery": "import quorate; quorate.Kernel().plugins()",
}
AIMS = {"import quorate": 50, "import quorate, and discovery": 120}
"""Milliseconds of CPU time over a bare interpreter."""


def cpu_ms(program: str) -> float:
    """CPU time, user and system, that a fresh interpreter takes for a program, in milliseconds.

    Raises:
        SystemExit: the program failed.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(child.returncode)
    return (usage.ru_utime + usage.ru_stime) * 1000


def main() -> None:
    """Measure and print a table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    for program in PROGRAMS.values():
        cpu_ms(program)
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(rounds):
        for name, program in PROGRAMS.items():
            times[name].append(cpu_ms(program))
    bare = statistics.median(times["bare interpreter"])
    print(f"CPU ms, medians of {rounds}; Python {sys.version.split()[0]}")
    print(f"{'program':32}{'total':>8}{'over bare':>11}{'aim':>6}")
    for name, measured in times.items():
        total = statistics.median(measured)
        aim = f"{AIMS[name]:>6}" if name in AIMS else ""
        print(f"{name:32}{total:8.1f}{total - bare:11.1f}{aim}")


if __name__ == "__main__":
    main()
