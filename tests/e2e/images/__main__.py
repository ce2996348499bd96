"""Build what is missing of the images: ``python -m tests.e2e.images [--save FILE] [NAME...]``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.e2e.cluster import process
from tests.e2e.cluster.containerd import load_images
from tests.e2e.images import IMAGES, BuildError, MissingError, build, save
from tests.e2e.images.table import BASES


def _say(text: str) -> None:
    print(text, flush=True)


def main(arguments: list[str]) -> int:
    """Build the images of these names, or all, and give them to a cluster that runs here.

    2 when that is impossible.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.images")
    parser.add_argument("names", nargs="*", metavar="NAME", help="an image; all without any")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write them to one archive")
    given = parser.parse_args(arguments)
    names: list[str] = given.names
    known = [each.name for each in (*BASES, *IMAGES)]
    if unknown := sorted(set(names) - set(known)):
        which = f"no image {', '.join(unknown)}: there are {', '.join(known)}"
        print(f"error: {which}", file=sys.stderr)
        return 2
    started = time.monotonic()
    try:
        built = build(names, _say)
    except (BuildError, MissingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if given.save:
        save(built, given.save)
    _say(f"{len(built)} image(s) ready in {time.monotonic() - started:.0f} s")
    for reference in load_images() if process.is_running("containerd") else []:
        _say(f"given to the cluster: {reference}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
