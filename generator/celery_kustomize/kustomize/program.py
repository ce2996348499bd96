"""Find the kustomize program and build folders with it: private copies, local files only."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import signal
import stat
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from celery_kustomize.errors import KustomizeError
from celery_kustomize.kustomize.guard import Read, collect
from celery_kustomize.kustomize.process import Result, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["VARIABLE", "Kustomize", "find"]

VARIABLE = "CELERY_KUSTOMIZE_BIN"
"""The environment variable that names the program."""

_OLDEST = (5, 5, 0)
_HOW_TO_GET_IT = (
    "install kustomize (https://kubectl.docs.kubernetes.io/installation/kustomize/) or kubectl,"
    f" or name the program in {VARIABLE}"
)
_MAX_FILE = 16 * 1024 * 1024
_MAX_MESSAGE = 2000
_LOG_PREFIX = re.compile(r"[IWEF]\d{4} [^]]*\] ")
_LOGGED_ERROR = re.compile(r'"command failed" err=(".*")')

_GO_TRACE = re.compile(r"^(?:goroutine \d|runtime stack:)", re.MULTILINE)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kustomize:
    """The program: ``path`` of kustomize itself, or of kubectl, which has kustomize built in.

    ``isolated``: it gets no environment variable at all. Otherwise it gets PATH, which a wrapper
    around it may need, and an empty folder as HOME.
    """

    path: str
    isolated: bool = False

    @property
    def is_kubectl(self) -> bool:
        """Whether it is called as ``kubectl kustomize``."""
        return Path(self.path).name.startswith("kubectl")

    def version(self, *, timeout: float = 10) -> str:
        """Kustomize's version as it says itself, as in ``v5.8.2``.

        Raises:
            KustomizeError: the program cannot be run or does not tell.
        """
        arguments = ["version", "--client", "-o", "json"] if self.is_kubectl else ["version"]
        with _private_folder() as home:
            result = run(
                [self.path, *arguments],
                folder=home,
                environment=self._environment(home),
                timeout=timeout,
            )
        found = re.search(r"v\d+\.\d+\.\d+[-+.\w]*", _version_text(result, self.is_kubectl))
        if result.code or not found:
            raise KustomizeError(f"{self.path} does not tell its version; {_HOW_TO_GET_IT}")
        return found[0]

    def build(self, folder: Path, *, root: Path | None = None, timeout: float = 50) -> str:
        """The objects of a folder on disk, as YAML documents.

        Only the files that its kustomization names are used, from a private copy.

        Args:
            folder: where the kustomization is.
            root: what it may refer to; by default the folder itself, or, for ``X/overlays/name``,
                ``X`` (the layout that celery-kustomize writes).
            timeout: seconds; below the 90 s that Argo CD gives a plugin.

        Raises:
            KustomizeError: kustomize fails or takes too long, or the folder has something in it
                that celery-kustomize does not write (``guard``).
        """
        folder = folder.resolve()
        if root is None:
            root = folder.parent.parent if folder.parent.name == "overlays" else folder
        root = root.resolve()
        if not folder.is_relative_to(root):
            raise KustomizeError(f"{folder} is not inside {root}")
        return self._build(folder.relative_to(root).as_posix(), _reader(root), timeout)

    def build_files(self, files: Mapping[str, str], target: str, *, timeout: float = 50) -> str:
        """The objects of a folder in memory, as YAML documents.

        Args:
            files: texts by path ("base/kustomization.yaml").
            target: the folder to build ("overlays/production").
            timeout: seconds.

        Raises:
            KustomizeError: as of ``build``.
        """
        return self._build(target, files.get, timeout)

    def _environment(self, home: Path) -> dict[str, str]:
        """The variables that it gets; ``home`` is made when it is one of them."""
        if self.isolated:
            return {}
        home.mkdir(exist_ok=True)
        return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home)}

    def _build(self, target: str, read: Read, timeout: float) -> str:
        files = collect(target, read)
        with _private_folder() as private:
            root = private / "files"
            _write(root, files)
            # Standing in the folder, its name cannot be taken for a repository's address.
            arguments = ["kustomize" if self.is_kubectl else "build", "."]
            result = run(
                [self.path, *arguments],
                folder=root / target,
                environment=self._environment(private / "home"),
                timeout=timeout,
            )
            message = _short(result.stderr, root)
        if result.code < 0:
            raise KustomizeError(
                f"kustomize was killed on {target}: {signal.strsignal(-result.code)} "
                f"(signal {-result.code}); there may be too little memory"
            )
        if result.code:
            raise KustomizeError(
                f"kustomize failed on {target}: {message or 'no message'}{self._age_hint()}"
            )
        if message:
            _log.warning("kustomize on %s: %s", target, message)
        return result.stdout

    def _age_hint(self) -> str:
        try:
            version = self.version()
        except KustomizeError:
            return ""
        numbers = tuple(map(int, re.findall(r"\d+", version)[:3]))
        if numbers >= _OLDEST:
            return ""
        oldest = ".".join(map(str, _OLDEST))
        return f" ({self.path} is kustomize {version}, older than v{oldest}; {_HOW_TO_GET_IT})"


def find(environment: Mapping[str, str] | None = None, *, isolated: bool = False) -> Kustomize:
    """The kustomize program: CELERY_KUSTOMIZE_BIN, ``kustomize`` or ``kubectl`` on PATH.

    Args:
        environment: where these variables are; the process's own by default.
        isolated: whether it shall run without any variable.

    Raises:
        KustomizeError: there is none; the message says how to get one.
    """
    environment = os.environ if environment is None else environment
    path = environment.get("PATH", os.defpath)
    named = environment.get(VARIABLE)
    if named:
        found = shutil.which(named, path=path)
        if found is None:
            raise KustomizeError(f"{VARIABLE}: {named!r} is not a program that can be run")
        return Kustomize(str(Path(found).absolute()), isolated)
    for name in ("kustomize", "kubectl"):
        found = shutil.which(name, path=path)
        if found:
            return Kustomize(str(Path(found).absolute()), isolated)
    raise KustomizeError(f"neither kustomize nor kubectl is on PATH: {_HOW_TO_GET_IT}")


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A new folder that nobody else can read, removed afterwards."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="celery-kustomize-")
    except OSError as error:
        raise KustomizeError(f"no copy for kustomize can be made: {error}") from error
    with folder as name:
        yield Path(name).resolve()


def _reader(root: Path) -> Read:
    def read(path: str) -> str | None:
        file = root / path
        try:
            regular = file.resolve() == file and stat.S_ISREG(file.stat().st_mode)
            if not regular or file.stat().st_size > _MAX_FILE:
                return None
            return file.read_bytes().decode()
        except (OSError, RuntimeError, UnicodeDecodeError):
            return None

    return read


def _write(root: Path, files: Mapping[str, str]) -> None:
    try:
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())
    except OSError as error:
        raise KustomizeError(f"no copy for kustomize can be made: {error}") from error


def _version_text(result: Result, is_kubectl: bool) -> str:
    if not is_kubectl:
        return result.stdout
    try:
        return str(json.loads(result.stdout)["kustomizeVersion"])
    except (ValueError, TypeError, KeyError):
        return ""


def _short(stderr: str, root: Path) -> str:
    """What the program said, without the private folder's name and kubectl's logging around it."""
    text = "\n".join(line for line in map(_message, stderr.splitlines()) if line)
    text = text.replace(f"{root}/", "").replace(str(root), ".")
    text = re.sub(r"\A(?:Error|error): ", "", text)
    text = _GO_TRACE.split(text, maxsplit=1)[0].rstrip()
    if len(text) <= _MAX_MESSAGE:
        return text
    # A dump of the whole object may stand between the place and the reason.
    return f"{text[: _MAX_MESSAGE // 2]} ... {text[-_MAX_MESSAGE // 2 :]}"


def _message(line: str) -> str:
    text = _LOG_PREFIX.sub("", line.rstrip(), count=1)
    logged = _LOGGED_ERROR.fullmatch(text)
    if not logged:
        return text
    try:
        return str(json.loads(logged[1]))
    except ValueError:
        return logged[1]
