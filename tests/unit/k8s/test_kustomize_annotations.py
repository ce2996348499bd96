"""What kustomize itself does with such keys is tried in tests/equivalence/test_patches.py."""

from __future__ import annotations

import pytest

from celery_kustomize.k8s.kustomize_annotations import key_problem, reserved_problem

NOT_TEXTS = ["123", "1.5", "1e3", "0x1F", "014", "0b11", "1_000", "true", "Null", "2024-01-02"]
TEXTS = ["a", "1-2", "1.2.3", "1e", "0x", "0b12", "1e400", "yes", "on", "nan", "example.com/123"]


@pytest.mark.parametrize("key", NOT_TEXTS)
def test_keys_that_are_no_texts_without_quotes(key: str) -> None:
    assert key_problem(key) == (
        f'kustomize writes the key "{key}" without quotes and then reads something else than a '
        f'text: write another one, such as "example.com/{key}"'
    )


@pytest.mark.parametrize("key", TEXTS)
def test_other_keys(key: str) -> None:
    assert key_problem(key) is None


def test_annotations_that_kustomize_keeps_for_itself() -> None:
    kept = "kustomize keeps this annotation for itself and removes it: remove it"
    assert reserved_problem("config.kubernetes.io/index", "0") == kept
    assert reserved_problem("internal.config.kubernetes.io/x", "0") == kept
    assert reserved_problem("config.kubernetes.io/local-config", "true") == (
        "kustomize leaves objects with this annotation out: remove it, or the object"
    )
    assert reserved_problem("config.kubernetes.io/local-config", "false") is None
    assert reserved_problem("example.com/x", "0") is None
