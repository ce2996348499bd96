"""How long `celery-kustomize render` takes, and how much memory, as specs grow.

    make bench
    make bench BENCH_ARGS='--applications 250'

Each measurement is a process of its own. Twice the input should take about twice the time and no
more than twice the memory; the ratios say so, and the exit code is 1 when one of them does not.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.specs import write_fleet, write_large  # noqa: E402 - after the path is set

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 2.6
"""Ratio of the cost of twice the input that still counts as linear on a shared machine."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: wall-clock seconds, and the peak of resident memory in MiB."""

    seconds: float
    mebibytes: float


def measure(write: Callable[[Path], None]) -> Cost:
    """The cost of rendering what ``write`` puts into a folder, as a process of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        specs, out, log = Path(temporary, "specs"), Path(temporary, "out"), Path(temporary, "log")
        specs.mkdir()
        write(specs)
        arguments = ["-m", "celery_kustomize", "render", str(specs), "-o", str(out)]
        started = time.perf_counter()
        with log.open("wb") as errors:
            process = os.posix_spawn(
                sys.executable,
                [sys.executable, *arguments],
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, errors.fileno(), 2)],
            )
            _, status, usage = os.wait4(process, 0)
        seconds = time.perf_counter() - started
        if status:
            sys.exit(f"render failed:\n{log.read_text(encoding='utf-8')}")
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes there, else KiB
    return Cost(seconds, usage.ru_maxrss * unit / 2**20)


def show(what: str, cost: Cost, count: int, unit: str) -> None:
    rate = count / cost.seconds
    print(f"{what:<48}{cost.seconds:8.1f} s {rate:8.1f} {unit}/s {cost.mebibytes:8.0f} MiB")  # noqa: T201


def compare(what: str, one: Cost, two: Cost) -> bool:
    """Print how the cost of twice the input compares; whether it is at most linear."""
    seconds, memory = two.seconds / one.seconds, two.mebibytes / one.mebibytes
    good = max(seconds, memory) <= _MOST
    verdict = "linear" if good else f"MORE THAN LINEAR (above {_MOST})"
    print(f"  {what}: time x {seconds:.2f}, memory x {memory:.2f}: {verdict}")  # noqa: T201
    return good


def main() -> int:
    """Run all measurements; 0 when each grows linearly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--applications", type=int, default=1000, help="the largest fleet")
    most = parser.parse_args().applications
    good = True

    sizes = [most // 4, most // 2, most]
    costs = []
    for size in sizes:
        costs.append(measure(lambda folder, size=size: write_fleet(folder, size)))  # type: ignore[misc]
        show(f"{size} applications, 3 overlays each", costs[-1], size, "applications")
    for one, two, size in zip(costs, costs[1:], sizes, strict=False):
        good &= compare(f"{size} to {2 * size} applications", one, two)

    shapes = [(25, 20), (50, 10), (50, 20)]
    large = {}
    for shape in shapes:
        large[shape] = measure(lambda folder, shape=shape: write_large(folder, *shape))  # type: ignore[misc]
        sets, overlays = shape
        what = f"1 application, {sets} worker sets, {overlays} overlays"
        show(what, large[shape], overlays, "overlays")
    good &= compare("25 to 50 worker sets", large[25, 20], large[50, 20])
    good &= compare("10 to 20 overlays", large[50, 10], large[50, 20])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
