"""What Argo CD's user interface shows of a failure."""

from __future__ import annotations

import pytest

from celery_kustomize.argocd.message import message
from celery_kustomize.errors import KustomizeError, Problem, SpecError

FOLDER = "/tmp/_cmp_server/1234/apps/shop"


def shown(error: Exception) -> str:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001
        return message(caught, FOLDER, "/etc/x/defaults.yaml")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SpecError([Problem("shop.yaml", 3, "spec.a", "b")]), "shop.yaml:3: spec.a: b"),
        (KustomizeError(f"no {FOLDER}/x here"), "no x here"),
        (SpecError([Problem("/etc/x/defaults.yaml", 3, "", "b")]), "the plugin's defaults:3: b"),
        (PermissionError(13, "Permission denied", f"{FOLDER}/a.yaml"), "a.yaml: Permission denied"),
        (OSError("odd"), "plugin: OSError"),
        (PermissionError(13, "No", f"{FOLDER}/a\n\x1b"), "a\\u000a\\u001b: No"),
        (
            ValueError("hunter2"),
            "internal error, please report it: ValueError at test_message.py:15",
        ),
    ],
)
def test_texts(error: Exception, text: str) -> None:
    assert shown(error) == text


def test_long_texts_are_cut() -> None:
    text = shown(KustomizeError("x" * 20_000))
    assert text == f"{'x' * 8000} ..."
