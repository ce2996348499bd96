"""Reading files that stay inside their folder, whatever links and names a repository holds."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from celery_kustomize.load.limits import MAX_FILE_BYTES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FileError", "inside", "read_file", "reason"]


class FileError(Exception):
    """A file cannot be read; the text tells why and never names a place outside the folder."""


def inside(root: Path, path: Path) -> Path:
    """The real path of ``path``, all links followed, when it exists.

    Args:
        root: the folder to stay in; it may itself be reached by links.
        path: a file or folder.

    Raises:
        FileError: the path leads out of ``root`` (whether it exists there is not told), in
            circles, or nowhere.
    """
    try:
        folder = os.path.realpath(root, strict=True)
        try:
            # Strict, or else what follows a link that leads in circles would stay unresolved.
            target = os.path.realpath(path, strict=True)
        except FileNotFoundError:
            _check_inside(folder, os.path.realpath(path))
            raise
    except (OSError, ValueError) as error:
        raise FileError(f"cannot be read: {reason(error)}") from None
    _check_inside(folder, target)
    return type(root)(target)


def _check_inside(folder: str, target: str) -> None:
    if os.path.commonpath((folder, target)) != folder:
        raise FileError("leads out of its folder; only what lies in the folder is read")


def read_file(path: Path) -> bytes:
    """The bytes of a regular file that is not too large.

    Args:
        path: a real path, as ``inside`` returns it.

    Raises:
        FileError: the file is missing, unreadable, too large, or no regular file (opening a
            FIFO or a device could hang).
    """
    try:
        _check(path.lstat())
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            _check(os.fstat(descriptor))
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot be read: {reason(error)}") from None
    if len(data) > MAX_FILE_BYTES:
        raise FileError(_TOO_LARGE)
    return data


def reason(error: Exception) -> str:
    """Why the system refused, in lower case and without the path."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)


_TOO_LARGE = f"is larger than {MAX_FILE_BYTES // 2**20} MiB: split it"


def _check(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise FileError("is a folder: name a file")
    if not stat.S_ISREG(status.st_mode):
        raise FileError("is not a regular file")
    if status.st_size > MAX_FILE_BYTES:
        raise FileError(_TOO_LARGE)
