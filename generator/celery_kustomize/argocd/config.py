"""``plugin config``: the plugin.yaml of Argo CD's sidecar, made from the table of parameters.

What stands in it is that of Argo CD v3.5 (cmpserver/plugin/config.go). It names no version, so that
Applications need not change with each one; file modes and Git credentials are nothing that this
plugin needs.
"""

from __future__ import annotations

from typing import Any

from celery_kustomize.argocd.announce import announcement
from celery_kustomize.argocd.parameters import PARAMETERS
from celery_kustomize.k8s.yaml_text import comment, dump

__all__ = ["NAME", "config_text"]

NAME = "celery-kustomize"
"""What Applications write as ``plugin.name``."""

_HEADER = "Made by `celery-kustomize plugin config`."


def config_text(*, discovery: bool = True) -> str:
    """The file as text.

    Args:
        discovery: whether Applications that name no plugin are asked about.
    """
    spec: dict[str, Any] = {"generate": _command("generate")}
    if discovery:
        spec["discover"] = {"find": _command("discover")}
    spec["parameters"] = {
        "dynamic": _command("parameters"),
        "static": [announcement(p, p.tooltip) for p in PARAMETERS if not p.of_folder],
    }
    spec |= {"preserveFileMode": False, "provideGitCreds": False}
    document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ConfigManagementPlugin",
        "metadata": {"name": NAME},
        "spec": spec,
    }
    return f"{comment(_HEADER)}{dump(document)}"


def _command(name: str) -> dict[str, list[str]]:
    return {"command": ["celery-kustomize", "plugin", name]}
