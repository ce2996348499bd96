"""``celery-kustomize validate``: every error and warning, for people and for machines."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from celery_kustomize.cli.common import defaults_option, paths_argument
from celery_kustomize.errors import Problem, Severity, SpecError
from celery_kustomize.pipeline import run

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["command"]


@click.command("validate")
@paths_argument
@defaults_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="How to print: for people, for programs, as GitHub annotations, as SARIF.",
)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
def command(paths: tuple[str, ...], defaults: str | None, form: str, strict: bool) -> None:
    """Report every error and warning of PATH... without writing anything."""
    try:
        result = run(paths, stdin=sys.stdin.buffer, defaults=defaults)
        problems: Sequence[Problem] = result.warnings
        names = [application.name for application in result.applications]
    except SpecError as error:
        problems, names = error.problems, []
    errors = [p for p in problems if strict or p.severity is Severity.ERROR]
    if form == "text":
        for problem in problems:
            click.echo(str(problem), err=True)
        if not errors:
            click.echo(f"{len(names)} application(s) valid: {', '.join(names)}")
    else:
        writers = {"json": _json, "github": _github, "sarif": _sarif}
        click.echo(writers[form](problems))
    if errors:
        raise click.exceptions.Exit(2)


def _json(problems: Sequence[Problem]) -> str:
    fields = ("file", "line", "path", "message", "severity")
    return json.dumps([{f: getattr(p, f) for f in fields} for p in problems], indent=2)


def _github(problems: Sequence[Problem]) -> str:
    """GitHub's workflow commands, with their escapes."""
    lines = []
    for problem in problems:
        text = ": ".join(part for part in (problem.path, problem.message) if part)
        place = f"file={_property(problem.file)}" + (
            f",line={problem.line}" if problem.line else ""
        )
        lines.append(f"::{problem.severity} {place}::{_data(text)}")
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _sarif(problems: Sequence[Problem]) -> str:
    """SARIF 2.1.0, which code hosts show beside the lines."""
    results = [_sarif_result(problem) for problem in problems]
    driver = {
        "name": "celery-kustomize",
        "rules": [{"id": "spec", "shortDescription": {"text": "CeleryApplication spec"}}],
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(document, indent=2)


def _sarif_result(problem: Problem) -> dict[str, Any]:
    text = ": ".join(part for part in (problem.path, problem.message) if part)
    location: dict[str, Any] = {"artifactLocation": {"uri": problem.file}}
    if problem.line:
        location["region"] = {"startLine": problem.line}
    return {
        "ruleId": "spec",
        "level": str(problem.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
    }
