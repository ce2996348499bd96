"""Git repositories in the cluster, served over HTTP."""

from __future__ import annotations

import base64
import io
import tarfile
from typing import TYPE_CHECKING

from tests.e2e.brokers import MANIFESTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.e2e.kubectl import Kubectl

__all__ = ["GitServer", "Repository"]

_NAMESPACE = "git"
_WITHIN = f"--namespace={_NAMESPACE}"
# Whatever was in the work tree goes: a commit is the files that are given, and no others.
_COMMIT = """
set -e
cd /repositories/$1.work
git rm -rq --ignore-unmatch . >&2
base64 -d | tar -x
git add --all
git -c user.name=test -c user.email=test@example.com commit --allow-empty -qm test >&2
git push -q ../$1.git HEAD:main >&2
git rev-parse HEAD
"""


class GitServer:
    """The server, ready when it is made."""

    def __init__(self, kubectl: Kubectl) -> None:
        """Start it, in a namespace of its own."""
        self._kubectl = kubectl
        kubectl.create_namespace(_NAMESPACE)
        kubectl.apply_file(MANIFESTS / "git.yaml", {}, _WITHIN)
        kubectl("rollout", "status", "deployment/git", "--timeout=60s", _WITHIN)

    def sh(self, script: str, *arguments: str, stdin: str | None = None) -> str:
        """Run a shell script where the repositories are.

        Raises:
            CommandError: it failed.
        """
        command = ("exec", "-i", "deployment/git", "--", "sh", "-c", script, "sh", *arguments)
        return self._kubectl(_WITHIN, *command, stdin=stdin or "")

    def create(self, name: str) -> Repository:
        """A new, empty repository."""
        make = 'cd /repositories && git init -q --bare -b main "$1.git" && git init -q "$1.work"'
        self.sh(make, name)
        return Repository(self, name)


class Repository:
    """A repository with one branch, main."""

    def __init__(self, server: GitServer, name: str) -> None:
        """It is there."""
        self._server = server
        self._name = name
        self.url = f"http://git.{_NAMESPACE}.svc/{name}.git"

    def push(self, files: Mapping[str, str]) -> str:
        """Make these files, by their paths, all that there is; give the commit."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for path, text in files.items():
                entry = tarfile.TarInfo(path)
                entry.size = len(text.encode())
                entry.mode = 0o644
                tar.addfile(entry, io.BytesIO(text.encode()))
        stdin = base64.b64encode(archive.getvalue()).decode("ascii")
        return self._server.sh(_COMMIT, self._name, stdin=stdin).strip()
