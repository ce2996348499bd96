"""Runs a program in an image without a cluster, as a pod under Pod Security "restricted" would."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.images import buildah, store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.e2e.images.store import Built

__all__ = ["Container", "configuration", "container"]


def configuration(built: Built) -> Mapping[str, Any]:
    """The ``config`` of the image: Env, User, WorkingDir, Entrypoint, Cmd and Labels."""
    described = json.loads(store.blob(built.manifest["config"]["digest"]).read_bytes())
    found: dict[str, Any] = described["config"]
    return found


@dataclass(frozen=True)
class Container:
    """An image's file system, in which programs run on a read-only root but for ``/tmp``."""

    built: Built
    rootfs: Path

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the image's entry point with ``arguments`` to its end, as ``start`` does."""
        with self.start(*arguments, **options) as process:
            output, _ = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, output)

    @contextlib.contextmanager
    def start(
        self,
        *arguments: str,
        user: int = 1234,
        env: Mapping[str, str] | None = None,
        mounts: Mapping[str, Path] | None = None,
    ) -> Iterator[subprocess.Popen[str]]:
        """Let the image's entry point run with ``arguments`` until the block ends.

        It runs as ``user``, without capabilities and without a network. ``mounts`` are folders of
        the host by their places inside, where they cannot be written to. Standard output and
        standard error are one pipe.
        """
        described = {
            "ociVersion": "1.0.2",
            "process": self._process(arguments, user, env or {}),
            "root": {"path": str(self.rootfs), "readonly": True},
            "mounts": [*_MOUNTS, *(_bind(where, what) for where, what in (mounts or {}).items())],
            "linux": {"namespaces": [{"type": each} for each in _NAMESPACES]},
        }
        name = f"image-{uuid.uuid4().hex[:12]}"
        with tempfile.TemporaryDirectory() as bundle:
            (Path(bundle) / "config.json").write_text(json.dumps(described), encoding="utf-8")
            with subprocess.Popen(
                ["runc", "run", f"--bundle={bundle}", name],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process:
                try:
                    yield process
                finally:
                    # Says that there is no such container when it has ended by itself.
                    remove = ["runc", "delete", "--force", name]
                    subprocess.run(remove, stderr=subprocess.DEVNULL, check=False)

    def _process(
        self, arguments: Sequence[str], user: int, env: Mapping[str, str]
    ) -> dict[str, Any]:
        image = configuration(self.built)
        variables = [*image.get("Env", []), "HOME=/tmp"]
        return {
            "user": {"uid": user, "gid": user},
            "args": [*image.get("Entrypoint", []), *arguments],
            "env": [*variables, *(f"{name}={value}" for name, value in env.items())],
            "cwd": image.get("WorkingDir") or "/",
            "noNewPrivileges": True,
        }


def _mount(where: str, kind: str, *options: str) -> dict[str, Any]:
    return {"destination": where, "type": kind, "source": kind, "options": ["nosuid", *options]}


def _bind(where: str, what: Path) -> dict[str, Any]:
    options = ["rbind", "ro", "nosuid"]
    return {"destination": where, "type": "bind", "source": str(what), "options": options}


_NAMESPACES = ("pid", "ipc", "uts", "mount", "network")
_MOUNTS = (
    _mount("/proc", "proc"),
    _mount("/dev", "tmpfs", "mode=755"),
    _mount("/dev/shm", "tmpfs", "mode=1777"),
    _mount("/tmp", "tmpfs", "mode=1777"),
)


@contextlib.contextmanager
def container(built: Built) -> Iterator[Container]:
    """The image's file system, for as long as the block lasts."""
    name = buildah.run("from", "--pull-never", buildah.tag(built.image)).strip()
    try:
        yield Container(built, Path(buildah.run("mount", name).strip()))
    finally:
        buildah.run("rm", name)
