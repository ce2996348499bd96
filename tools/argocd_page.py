"""What is made from the plugin's table of parameters: its documentation and its plugin.yaml."""

from __future__ import annotations

from pathlib import Path

from celery_kustomize.argocd.config import config_text
from celery_kustomize.argocd.parameters import PARAMETERS, Parameter

__all__ = ["files"]

_BEGIN = "<!-- This table is made by `make docs`: do not edit it. -->\n"
_END = "<!-- End of the table. -->\n"
_HEAD = "| Parameter | Type | Meaning | As a variable |\n| --- | --- | --- | --- |"


def files(root: Path) -> dict[Path, str]:
    """The files below ``root``, the repository's, as they should be."""
    page = root / "docs" / "argocd.md"
    return {
        page: _with_table(page.read_text(encoding="utf-8")),
        root / "deploy" / "plugin.yaml": config_text(),
    }


def _with_table(text: str) -> str:
    before, rest = text.split(_BEGIN)
    after = rest.split(_END)[1]
    rows = "\n".join([_HEAD, *map(_row, PARAMETERS)])
    return f"{before}{_BEGIN}\n{rows}\n\n{_END}{after}"


def _row(parameter: Parameter) -> str:
    kind = "map" if parameter.is_map else "string"
    variable = "" if parameter.is_map else f"`{parameter.name.upper()}`"
    meaning = f"{parameter.tooltip} For example `{parameter.example}`."
    return f"| `{parameter.name}` | {kind} | {meaning} | {variable} |"
