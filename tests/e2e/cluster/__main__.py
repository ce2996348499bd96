"""``python -m tests.e2e.cluster up|down|status``: the cluster by hand."""

from __future__ import annotations

import sys
import time

from tests.e2e import cluster
from tests.e2e.cluster.layout import ADMIN_KUBECONFIG, LOGS


def main(arguments: list[str]) -> int:
    """Do what the only argument says; 2 when that is impossible."""
    commands = {"up": _up, "down": _down, "status": _status}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: python -m tests.e2e.cluster {'|'.join(commands)}", file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]]()
    except cluster.CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _up() -> int:
    started = time.monotonic()
    cluster.up(lambda text: print(text, flush=True))
    print(f"ready after {time.monotonic() - started:.0f} s; logs are in {LOGS}")
    print(f"export KUBECONFIG={ADMIN_KUBECONFIG}")
    return 0


def _down() -> int:
    cluster.down()
    return 0


def _status() -> int:
    for name, state in cluster.status().items():
        print(f"{name:24} {state}")
    return 0 if cluster.is_up() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
