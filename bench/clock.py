"""Measuring: CPU seconds of this process or of another, in rounds that take turns."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from statistics import median

Operation = Callable[[], Awaitable[object]]
_TICK = os.sysconf("SC_CLK_TCK")


async def per_call(
    operations: Mapping[str, Operation], *, rounds: int = 7, calls: int = 100, warmup: int = 20
) -> dict[str, float]:
    """CPU milliseconds a call of each operation: the median of rounds in which they take turns.

    Taking turns keeps ratios honest on a machine whose speed drifts.
    """
    for operation in operations.values():
        for _ in range(warmup):
            await operation()
    samples: dict[str, list[float]] = {name: [] for name in operations}
    for _ in range(rounds):
        for name, operation in operations.items():
            began = time.process_time()
            for _ in range(calls):
                await operation()
            samples[name].append((time.process_time() - began) / calls * 1000)
    return {name: median(values) for name, values in samples.items()}


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used so far, user and system, in seconds (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process in MB (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
