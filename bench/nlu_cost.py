"""Time and memory of a whole bot turn, in a process of its own: `python -m bench.nlu_cost`."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.nlu_data import few_shot, rows


def resident() -> float:
    """Memory of this process now, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(model: Path, texts: list[str]) -> str:
    """Turns over a loaded model."""
    from desk import app  # noqa: F401, PLC0415 - what a desk without the bot has in memory

    before = resident()
    from bot.conversation import Bot  # noqa: PLC0415
    from bot.dialogue_state import Context, Rules  # noqa: PLC0415
    from bot.nlu.embedded import EmbeddedNlu  # noqa: PLC0415

    engine = EmbeddedNlu()
    engine.load(model)
    bot = Bot(engine)
    took, used = [], []
    for text in texts:
        began, cpu = time.perf_counter(), time.process_time()
        bot.turn(text, Context(), Rules())
        took.append(time.perf_counter() - began)
        used.append(time.process_time() - cpu)
    took, used = sorted(took[5:]), sorted(used[5:])
    middle, high = used[len(used) // 2], used[int(0.95 * len(used))]
    wall = took[int(0.95 * len(took))]
    return (
        f"turn: p50 {1000 * middle:.1f} ms, p95 {1000 * high:.1f} ms of CPU "
        f"(wall: p95 {1000 * wall:.1f} ms) over {len(used)} texts\n"
        f"memory: {resident() - before:.0f} MB above the {before:.0f} MB of the desk alone"
    )


def main() -> None:
    if len(sys.argv) > 1:
        texts = [row.text for row in rows("banking77", "train")]
        print(measure(Path(sys.argv[1]), random.Random(3).sample(texts, 155)))
        return
    with tempfile.TemporaryDirectory() as folder:
        from bot.nlu.embedded import EmbeddedNlu  # noqa: PLC0415

        engine = EmbeddedNlu()
        engine.train([row.example for row in few_shot("banking77", 10)[0]])
        path = Path(folder) / "model"
        engine.save(path)
        # A fresh process: training leaves memory behind that answering does not need.
        command = [sys.executable, "-m", "bench.nlu_cost", str(path)]
        print(subprocess.check_output(command, text=True), end="")


if __name__ == "__main__":
    main()
