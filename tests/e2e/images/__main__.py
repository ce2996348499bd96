"""Build what is missing of the images: ``python -m tests.e2e.images [NAME...]``."""

from __future__ import annotations

import sys
import time

from tests.e2e.images import IMAGES, BuildError, MissingError, build
from tests.e2e.images.table import BASES


def _say(text: str) -> None:
    print(text, flush=True)


def main(names: list[str]) -> int:
    """Build the images of these names, or all; 2 when that is impossible."""
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
    _say(f"{len(built)} image(s) ready in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
