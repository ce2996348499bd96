"""Render the example application, build every folder with kustomize, and say what came out.

``make demo`` runs this, with ``CELERY_KUSTOMIZE_BIN`` set as ``tools/with_kustomize.py`` sets it.
It prints the commands that a user would type for the same.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

__all__ = ["folders", "main", "summary"]

_ROOT = Path(__file__).resolve().parent.parent
_SPECS = "examples/shop"
_OUT = "build/demo"
_OVERLAY = "production"


def folders(out: Path) -> list[Path]:
    """The Kustomize folders below ``out``: each application's base, then its overlays by name."""
    return sorted(path.parent for path in out.rglob("kustomization.yaml"))


def summary(folder: Path, objects: list[dict[str, Any]]) -> list[str]:
    """What ``folder`` holds and which objects kustomize made of it, as lines to print."""
    written = [path for path in folder.rglob("*") if path.is_file()]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in written)
    kinds = Counter(item["kind"] for item in objects)
    return [
        f"  written  {_many(len(written), 'file')}, {_many(lines, 'line')}",
        f"  builds   {_many(len(objects), 'object')}: "
        + ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())),
    ]


def main() -> None:
    """Run the demo; exit with an error when a command fails or two ways of building differ."""
    print(_celery_kustomize("render", _SPECS, "-o", _OUT), end="")

    built: dict[Path, list[dict[str, Any]]] = {}
    for folder in folders(_ROOT / _OUT):
        relative = folder.relative_to(_ROOT)
        built[relative] = _objects(_kustomize_build(relative))
        print("\n".join(summary(folder, built[relative])))

    straight = _objects(_celery_kustomize("build", _SPECS, "--overlay", _OVERLAY))
    overlay = next(folder for folder in built if folder.name == _OVERLAY)
    if straight != built[overlay]:
        sys.exit(f"error: these are not the objects of `kustomize build {overlay}`")
    print(f"  the same {_many(len(straight), 'object')} in one step: what Argo CD's plugin prints")

    print(f"\nTo look at, the shortest first:\n  {overlay}/  what differs in {_OVERLAY}")
    print(f"  {overlay.parents[1] / 'base'}/  what all environments share")
    print(f"  {_SPECS}/  the spec that all of it was made from")


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _objects(text: str) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(text) if document]


def _kustomize_build(folder: Path) -> str:
    program = os.environ.get("CELERY_KUSTOMIZE_BIN")
    command = [program, "build"] if program else ["kubectl", "kustomize"]
    shown = [Path(command[0]).name, command[1], str(folder)]
    return _run([*command, str(folder)], shlex.join(shown))


def _celery_kustomize(*arguments: str) -> str:
    command = [sys.executable, "-m", "celery_kustomize", *arguments]
    return _run(command, shlex.join(["celery-kustomize", *arguments]))


def _run(command: list[str], shown: str) -> str:
    print(f"$ {shown}", flush=True)
    ended = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if ended.returncode:
        sys.exit(f"error: `{shown}` failed with exit code {ended.returncode}")
    return ended.stdout


if __name__ == "__main__":
    main()
