"""What an Application changes is one more overlay: merged, validated, the same in ``build``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.argocd.running import (
    HEAD,
    SHOP,
    assert_failed,
    call,
    generate,
    images,
    objects,
    parameters,
)

CHANGES: dict[str, Any] = {
    "overlay": "staging",
    "image": "2.0",
    "namespace": "preview",
    "labels": {"preview": "pr-7"},
    "annotations": {"example.com/owner": "a=b, c"},
    "overrides": "{workers: [{name: a, replicas: 3}]}",
}


def test_build_takes_the_same_values_and_prints_the_same(shop: Path) -> None:
    done = generate(shop, parameters(**CHANGES))
    options = [
        f"--{name}={text}"
        for name, value in CHANGES.items()
        for text in ([value] if isinstance(value, str) else [f"{k}={v}" for k, v in value.items()])
    ]
    assert done == call(shop, "build", ".", *options)
    assert done.code == 0
    for item in objects(done.out):
        assert item["metadata"]["namespace"] == "preview"
        assert item["metadata"]["labels"]["preview"] == "pr-7"
        assert item["metadata"]["annotations"]["example.com/owner"] == "a=b, c"
    (worker,) = [item for item in objects(done.out) if item["kind"] == "Deployment"]
    assert worker["spec"]["replicas"] == 3
    template = worker["spec"]["template"]
    assert template["metadata"]["labels"]["preview"] == "pr-7"
    assert template["spec"]["containers"][0]["image"] == "jp.icr.io/shop/app:2.0"


def test_changes_give_what_the_same_overlay_in_the_spec_gives(shop: Path) -> None:
    changed = generate(shop, parameters(**CHANGES))
    (shop / "preview.yaml").write_text(
        """\
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplicationOverlay
metadata: {name: preview}
spec:
  applicationRef: {name: shop}
  from: staging
  namespace: preview
  labels: {preview: pr-7}
  annotations: {example.com/owner: "a=b, c"}
  overrides:
    image: jp.icr.io/shop/app:2.0
    workers: [{name: a, replicas: 3}]
"""
    )
    assert changed.out == generate(shop, parameters(overlay="preview")).out


def test_changes_of_the_base(shop: Path) -> None:
    done = generate(shop, parameters(image="2.0", namespace="x", overrides="{beat: {}}"))
    assert images(done) == {
        "shop-beat": "jp.icr.io/shop/app:2.0",
        "shop-worker-a": "jp.icr.io/shop/app:2.0",
    }
    assert {item["metadata"]["namespace"] for item in objects(done.out)} == {"x"}


DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("2.0", "jp.icr.io/shop/app:2.0"),
        (DIGEST, f"jp.icr.io/shop/app@{DIGEST}"),
        ("quay.io/other/app:2.0", "quay.io/other/app:2.0"),
        (f"other:2@{DIGEST}", f"other:2@{DIGEST}"),
    ],
)
@pytest.mark.parametrize("overlay", ["", "production"])
def test_an_image(overlay: str, image: str, expected: str, shop: Path) -> None:
    done = generate(shop, parameters(overlay=overlay, image=image))
    assert images(done) == {"shop-worker-a": expected}


def test_images_of_components_stay(shop: Path) -> None:
    text = SHOP.replace("[{name: a}]", "[{name: a}, {name: b, image: 'other:1'}]")
    (shop / "shop.yaml").write_text(text)
    done = generate(shop, parameters(image="2.0"))
    expected = {"shop-worker-a": "jp.icr.io/shop/app:2.0", "shop-worker-b": "other:1"}
    assert images(done) == expected


def test_an_image_over_one_in_overrides(shop: Path) -> None:
    done = generate(shop, parameters(overrides="image: quay.io/new/app:1", image="2.0"))
    assert images(done) == {"shop-worker-a": "quay.io/new/app:2.0"}


def test_values_may_come_as_variables(shop: Path) -> None:
    done = generate(shop, "null", ARGOCD_ENV_OVERLAY="production", ARGOCD_ENV_IMAGE="2.0")
    assert done.out == generate(shop, parameters(overlay="production", image="2.0")).out


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"overlay": "prodction"},
        'parameter overlay: shop has no overlay "prodction" (it has: staging, production);'
        ' did you mean "production"?',
    ),
    (
        {"application": "shp"},
        'parameter application: there is no application "shp" (found: shop); did you mean "shop"?',
    ),
    (
        {"overlay": "production", "image": "a b"},
        'parameter image: "a b" must not have spaces',
    ),
    (
        {"image": "$(touch x)"},
        'parameter image: "$(touch x)" must not have spaces',
    ),
    (
        {"image": "sha256:12"},
        'parameter image: "sha256:12" is not a digest: write sha256: and 64 hexadecimal digits',
    ),
    (
        {"namespace": "A_b"},
        'parameter namespace: "A_b" must have only lower-case letters, digits and "-", and start'
        ' and end with a letter or digit; write "a-b"',
    ),
    (
        {"labels": {"a b": "x"}},
        'parameter labels: a b: "a b" must have only letters, digits, "-", "_" and ".", and start'
        ' and end with a letter or digit; write "a-b"',
    ),
    (
        {"overrides": "workers:\n- name: a\n  replica: 2"},
        'parameter overrides:3: workers[a].replica: unknown field; did you mean "replicas"?',
    ),
    (
        {"overrides": "extraResources: [../../etc/passwd]"},
        "parameter overrides:1: extraResources[0]: ../../etc/passwd leads out of its folder; only"
        " what lies in the folder is read",
    ),
    (
        {"overrides": "extraResources: ['https://example.com/x.yaml']"},
        "parameter overrides:1: extraResources[0]: must be a file of this folder: nothing is read"
        " from other places",
    ),
    (
        {"overrides": "patches: []"},
        "parameter overrides:1: patches: write an overlay's patches beside `overrides`, not in it",
    ),
    (
        {"overrides": "overlays: []"},
        "parameter overrides:1: overlays: overlays do not nest: use `from` to start from another"
        " overlay",
    ),
]


@pytest.mark.parametrize(("values", "message"), WRONG, ids=lambda v: str(v)[:40])
def test_a_value_that_the_spec_does_not_take(
    values: dict[str, Any], message: str, shop: Path
) -> None:
    assert_failed(generate(shop, parameters(**values)), message)
    assert [path.name for path in shop.iterdir()] == ["shop.yaml"]


def test_a_tag_for_no_image(shop: Path) -> None:
    text = SHOP.replace("  image: jp.icr.io/shop/app:1.4.2\n", "").replace(
        "{name: a}]", "{name: a, image: b}]"
    )
    (shop / "shop.yaml").write_text(text)
    assert_failed(
        generate(shop, parameters(image="2.0")),
        'parameter image: there is no image that "2.0" could be a version of: write a whole'
        " reference, such as jp.icr.io/shop/app:1.4.2",
    )


def test_several_applications(shop: Path) -> None:
    (shop / "other.yaml").write_text(SHOP.replace("name: shop}", "name: other}"))
    assert_failed(
        generate(shop),
        "parameter application: there are several applications (other, shop): name one",
    )
    assert set(images(generate(shop, parameters(application="other")))) == {"other-worker-a"}


def test_an_application_is_not_held_up_by_what_is_wrong_in_another(shop: Path) -> None:
    other = SHOP.replace("name: shop}", "name: other}").replace("{name: a}]", "{name: a, x: 1}]")
    (shop / "other.yaml").write_text(other)
    assert generate(shop, parameters(application="shop")).code == 0
    assert_failed(
        generate(shop, parameters(application="other")),
        "other.yaml:7: spec.workers[a].x: unknown field",
    )


def test_a_file_that_cannot_be_read_holds_up_all(shop: Path) -> None:
    """It may be the defaults or an overlay of the application."""
    (shop / "other.yaml").write_text(f"{HEAD}spec: [\n")
    done = generate(shop, parameters(application="shop"))
    assert done.err.startswith("other.yaml:3: ")
    assert (done.code, done.out) == (2, "")
    missing = generate(shop, parameters(application="other"))
    assert missing == done


# --- defaults of the platform --------------------------------------------------------------------


DEFAULTS = """\
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplicationDefaults
spec: {workerDefaults: {logLevel: DEBUG}}
"""


def test_the_administrator_s_defaults(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "defaults.yaml"
    file.write_text(DEFAULTS)
    done = generate(shop, CELERY_KUSTOMIZE_DEFAULTS=str(file))
    assert "--loglevel=DEBUG" in done.out
    assert done.out == call(shop, "build", ".", "--defaults", str(file)).out
    assert done.out == call(shop, "build", ".", CELERY_KUSTOMIZE_DEFAULTS=str(file)).out
    assert "--loglevel=INFO" in generate(shop, CELERY_KUSTOMIZE_DEFAULTS="").out


def test_an_application_cannot_choose_the_defaults(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "evil.yaml").write_text(DEFAULTS)
    done = generate(shop, ARGOCD_ENV_CELERY_KUSTOMIZE_DEFAULTS=str(tmp_path / "evil.yaml"))
    assert "--loglevel=INFO" in done.out


def test_defaults_that_are_wrong_are_told_without_their_place(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "defaults.yaml"
    file.write_text(DEFAULTS.replace("logLevel", "loglevel"))
    assert_failed(
        generate(shop, CELERY_KUSTOMIZE_DEFAULTS=str(file)),
        "the plugin's defaults:3: spec.workerDefaults.loglevel: unknown field;"
        ' did you mean "logLevel"?',
    )
    file.unlink()
    assert_failed(
        generate(shop, CELERY_KUSTOMIZE_DEFAULTS=str(file)),
        "the plugin's defaults: cannot be read: no such file or directory",
    )
