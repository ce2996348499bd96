"""What all tests share: golden files, no skips under CI, Hypothesis profiles, kustomize found."""

from __future__ import annotations

import difflib
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import settings

from tools import with_kustomize

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

_UPDATE = "--update-golden"
_NOTHING = "/dev/null"
_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)

# Without a deadline: shared machines are slow at times. Under CI the examples are the same in every
# run, so that a change is judged by itself; elsewhere each run looks further.
settings.register_profile("developer", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("developer"), derandomize=True)


def _under_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        _UPDATE, action="store_true", help="write the golden files anew instead of comparing"
    )


def pytest_configure(config: pytest.Config) -> None:
    if _under_ci() and config.getoption(_UPDATE):
        raise pytest.UsageError(f"{_UPDATE} under CI would let every golden test pass")
    settings.load_profile("ci" if _under_ci() else "developer")
    # So that pytest by itself finds the program that `make` built.
    if "CELERY_KUSTOMIZE_BIN" not in os.environ and (program := with_kustomize.find()):
        os.environ["CELERY_KUSTOMIZE_BIN"] = program


def _no_skip(report: _Report) -> _Report:
    expected_to_fail = hasattr(report, "wasxfail")
    if _under_ci() and report.skipped and not expected_to_fail:
        report.outcome = "failed"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"{report.nodeid} skipped, but under CI every test has to run: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _no_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _no_skip((yield))


class Golden:
    """Compares what was made with a folder of golden files, or writes that folder anew."""

    def __init__(self, *, update: bool, root: Path) -> None:
        self._update = update
        self._root = root

    def check_tree(self, actual: Mapping[str, str], folder: Path) -> None:
        """Fail with a unified diff unless ``folder`` holds exactly the files of ``actual``.

        ``actual`` maps paths relative to ``folder``, with slashes, to texts. Under
        ``--update-golden`` (``make golden``) the folder is made to be so: files that are no longer
        made are removed, and what they leave empty with them.
        """
        __tracebackhide__ = True
        for name in actual:
            _check_name(name)
        if self._update:
            _write_tree(actual, folder)
        elif difference := "\n".join(_difference(_read_tree(folder), actual, self._label(folder))):
            pytest.fail(
                f"not what the golden files say; if it is right, run: make golden\n{difference}",
                pytrace=False,
            )

    def _label(self, folder: Path) -> str:
        inside = folder.is_relative_to(self._root)
        return (folder.relative_to(self._root) if inside else folder).as_posix()


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Golden:
    """The golden files: ``golden.check_tree({"base/kustomization.yaml": text}, folder)``."""
    return Golden(update=pytestconfig.getoption(_UPDATE), root=pytestconfig.rootpath)


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.as_posix() != name or name == ".":
        raise ValueError(f"not a plain relative path: {name!r}")


def _read_tree(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    # Bytes, since reading as text would hide a carriage return.
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}


def _write_tree(actual: Mapping[str, str], folder: Path) -> None:
    for stale in _read_tree(folder).keys() - actual.keys():
        (folder / stale).unlink()
    below = [path for path in folder.rglob("*") if path.is_dir()]
    for directory in sorted(below, reverse=True):
        if not any(directory.iterdir()):
            directory.rmdir()
    for name, text in actual.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != text.encode():
            path.write_bytes(text.encode())


def _difference(
    expected: Mapping[str, str], actual: Mapping[str, str], label: str
) -> Iterator[str]:
    for name in sorted(expected.keys() | actual.keys()):
        before, after = expected.get(name), actual.get(name)
        if before == after:
            continue
        from_file = _NOTHING if before is None else f"{label}/{name}"
        to_file = _NOTHING if after is None else f"{label}/{name} (made now)"
        lines = list(
            difflib.unified_diff(_lines(before), _lines(after), from_file, to_file, lineterm="")
        )
        yield from lines or [f"--- {from_file}", f"+++ {to_file}", "(an empty file)"]


def _lines(text: str | None) -> list[str]:
    """The lines of ``text``, so written that every difference shows."""
    if not text:
        return []
    lines = [line.replace("\r", "\\r") for line in text.split("\n")]
    if lines[-1] == "":
        return lines[:-1]
    return [*lines, "\\ No newline at end of file"]
