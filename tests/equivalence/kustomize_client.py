"""Build Kustomize folders held in memory with the real kustomize, many in one process."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["BuildError", "Builder", "Program", "Server", "find_program", "server_binary"]

_SOURCE = Path(__file__).with_name("kustomize-server")
_SOURCES = ("go.mod", "go.sum", "main.go", "mergekeys.go")


class BuildError(Exception):
    """kustomize refused the folder."""


class Builder(Protocol):
    """Something that builds a folder of ``files`` to objects, or raises BuildError."""

    def build(self, files: Mapping[str, str], target: str) -> list[dict[str, Any]]: ...


class Server:
    """The Go program of kustomize-server, one process for all builds."""

    def __init__(self, binary: Path) -> None:
        self._process = subprocess.Popen(
            [binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def build(self, files: Mapping[str, str], target: str) -> list[dict[str, Any]]:
        objects: list[dict[str, Any]] = self._ask(files=dict(files), target=target)["objects"]
        return objects

    def merge_keys(self) -> dict[str, dict[str, list[str]]]:
        """For each kind ("apps/v1 Deployment") its keyed lists by path, with their keys."""
        found: dict[str, dict[str, list[str]]] = self._ask(mergeKeys=True)["mergeKeys"]
        return found

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if answer.get("error"):
            raise BuildError(answer["error"])
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


class Program:
    """The kustomize program, one process a build: slower, and of whatever version is there."""

    def __init__(self, command: list[str]) -> None:
        self._command = command

    def build_text(self, files: Mapping[str, str], target: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                place = Path(folder, path)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(text.encode())
            done = subprocess.run(
                [*self._command, str(Path(folder, target))],
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
        if done.returncode:
            raise BuildError(done.stderr)
        return done.stdout

    def build(self, files: Mapping[str, str], target: str) -> list[dict[str, Any]]:
        return list(yaml.load_all(self.build_text(files, target), Loader=_Loader))


class _Loader(yaml.CSafeLoader):
    """Reads kustomize's output: unquoted dates and words such as ``yes`` are strings there."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def find_program() -> list[str] | None:
    """The kustomize program's command, looked for as the product does."""
    named = os.environ.get("CELERY_KUSTOMIZE_BIN")
    if named:
        return [named, "build"]
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    return ["kubectl", "kustomize"] if shutil.which("kubectl") else None


def server_binary() -> Path | None:
    """The server, built once into the user's cache; None where there is no Go."""
    sources = b"".join(_SOURCE.joinpath(name).read_bytes() for name in _SOURCES)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "celery-kustomize"
    binary = cache / f"kustomize-server-{hashlib.sha256(sources).hexdigest()[:16]}"
    if binary.exists():
        return binary
    if not shutil.which("go"):
        return None
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "kustomize-server.lock"):
        if not binary.exists():
            partial = binary.with_suffix(".partial")
            subprocess.run(
                ["go", "build", "-trimpath", "-o", partial, "."], cwd=_SOURCE, check=True
            )
            partial.replace(binary)
    return binary


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
