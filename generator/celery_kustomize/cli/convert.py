"""``celery-kustomize convert``: older specs rewritten as native ones."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from celery_kustomize.cli.common import paths_argument
from celery_kustomize.convert import convert_text
from celery_kustomize.errors import Problem, Severity, SpecError
from celery_kustomize.load.discover import discover
from celery_kustomize.load.yaml import parse

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command("convert")
@paths_argument
@click.option("-w", "--write", is_flag=True, help="Rewrite the files. Default: print the result.")
def command(paths: tuple[str, ...], write: bool) -> None:
    """Rewrite the older kinds in PATH... as celeryproject.org/v1beta1 CeleryApplication.

    Other documents of a file stay as they are; comments are kept where they can be.
    """
    groups, problems = discover(paths)
    if problems:
        raise SpecError(problems)
    converted: list[tuple[Path | None, str, str]] = []
    found: list[Problem] = []
    for entry in dict.fromkeys(entry for _, entries in groups for entry in entries):
        before = _read(entry.path, entry.file)
        documents, unreadable = parse(before.encode(), entry.file)
        result = convert_text(before, documents)
        found += [*unreadable, *result.problems]
        for note in result.notes:
            click.echo(note, err=True)
        converted.append((entry.path, before, result.text))
    if any(problem.severity is Severity.ERROR for problem in found):
        raise SpecError(found)
    for problem in sorted(set(found)):
        click.echo(str(problem), err=True)
    for path, before, text in converted:
        if write and path is not None:
            if text != before:
                path.write_text(text, encoding="utf-8")
                click.echo(f"converted {path}", err=True)
        else:
            click.echo(text, nl=False)


def _read(path: Path | None, file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if path is None else path.read_bytes()
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise SpecError([Problem(file, 0, "", "is not UTF-8 text")]) from None
