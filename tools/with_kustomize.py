"""Run a command with the kustomize program found, or built from its Go module.

    python3 -m tools.with_kustomize COMMAND [ARGUMENT...]

Without a command it only makes sure of the program and prints where it is. Needs nothing but the
standard library: it runs before anything is installed.

The command finds the program by the environment variable ``CELERY_KUSTOMIZE_BIN``. The order:
that variable if it is set already, ``kustomize`` on PATH, the one built here before, one built now
with Go, and, where there is no Go, ``kubectl kustomize`` (which celery-kustomize finds by itself).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import go_programs

__all__ = ["KustomizeMissingError", "built_path", "ensure", "find"]

_MODULE = Path(__file__).resolve().parent / "kustomize"


class KustomizeMissingError(Exception):
    """There is no kustomize program and none could be built; the text says what to install."""


def built_path() -> Path:
    """Where the built program belongs: in the user's cache folder."""
    return go_programs.programs(_MODULE) / "kustomize"


def find() -> str | None:
    """The program that is there already, as a path; None when there is none yet."""
    if given := os.environ.get("CELERY_KUSTOMIZE_BIN"):
        return given
    if on_path := shutil.which("kustomize"):
        return on_path
    built = built_path()
    return str(built) if os.access(built, os.X_OK) else None


def ensure() -> str | None:
    """The program, built now if need be; None when ``kubectl kustomize`` has to serve.

    Raises KustomizeMissingError when there is neither a program, nor Go, nor kubectl, or when the
    build fails.
    """
    if found := find():
        return found
    if go := shutil.which("go"):
        return str(_build(go))
    if shutil.which("kubectl"):
        return None
    raise KustomizeMissingError(
        "no kustomize program: put kustomize 5 or kubectl on PATH, or install Go"
        f" {go_programs.go_version(_MODULE)} or later and run this again, which builds it"
    )


def _build(go: str) -> Path:
    target = built_path()
    print(f"building kustomize into {target} (about a minute, once) ...", file=sys.stderr)
    try:
        go_programs.build(go, _MODULE, target.parent)
    except go_programs.BuildError:
        raise KustomizeMissingError(
            f"building kustomize failed (above). It needs Go {go_programs.go_version(_MODULE)} or"
            " later and the Go module proxy; or put kustomize 5 on PATH"
        ) from None
    return target


def main(command: list[str]) -> int:
    """Run ``command`` and return its exit code; 2 when there is no kustomize program."""
    try:
        program = ensure()
    except KustomizeMissingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if not command:
        print(program or "kubectl kustomize")
        return 0
    environment = dict(os.environ)
    if program:
        environment["CELERY_KUSTOMIZE_BIN"] = program
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
