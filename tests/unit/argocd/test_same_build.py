"""``plugin generate`` prints what ``build`` prints, and what kustomize builds of the folders."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.argocd.running import (
    SHOP,
    Done,
    call,
    finish,
    generate,
    parameters,
    start,
)

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"

ENVIRONMENTS: list[tuple[str, dict[str, str]]] = [
    ("minimal", {}),
    ("shop", {}),
    ("shop", {"overlay": "staging"}),
    ("shop", {"overlay": "production"}),
    ("rabbitmq", {}),
    ("fleet", {"application": "mailer"}),
    ("fleet", {"application": "thumbnails"}),
    ("monorepo/billing", {"overlay": "production"}),
    ("celery-operator", {}),
]
NAMES = ["-".join([folder, *values.values()]) for folder, values in ENVIRONMENTS]


@pytest.mark.parametrize(("folder", "values"), ENVIRONMENTS, ids=NAMES)
def test_it_prints_what_build_prints(folder: str, values: dict[str, str]) -> None:
    options = [text for name, value in values.items() for text in (f"--{name}", value)]
    reviewed = call(EXAMPLES, "build", folder, *options)
    done = generate(EXAMPLES / folder, parameters(**values))
    assert (done.code, done.out) == (0, reviewed.out)
    assert done.out


@pytest.mark.parametrize(("folder", "values"), ENVIRONMENTS, ids=NAMES)
def test_it_prints_what_kustomize_builds_of_the_rendered_folders(
    folder: str, values: dict[str, str], tmp_path: Path
) -> None:
    assert call(EXAMPLES, "render", folder, "-o", str(tmp_path)).code == 0
    (rendered,) = tmp_path.glob(values.get("application", "[a-z]*"))
    target = rendered / (f"overlays/{values['overlay']}" if "overlay" in values else "base")
    built = subprocess.run(
        [os.environ["CELERY_KUSTOMIZE_BIN"], "build", target],
        capture_output=True,
        text=True,
        check=True,
    )
    assert generate(EXAMPLES / folder, parameters(**values)).out == built.stdout


def test_as_argo_cd_starts_it(shop: Path) -> None:
    variables = {
        "ARGOCD_APP_NAME": "shop-production",
        "ARGOCD_APP_NAMESPACE": "elsewhere",
        "ARGOCD_APP_PARAMETERS": parameters(overlay="production"),
        "PARAM_OVERLAY": "production",
        "ARGOCD_ENV_HELM_ARGS": "x",
        "KUBE_VERSION": "",
        "KUBE_API_VERSIONS": "v1,apps/v1",
    }
    done = finish(start(shop, "plugin", "generate", **variables))
    assert done == Done(0, call(shop, "build", ".", "--overlay", "production").out, "")
    assert [path.name for path in shop.iterdir()] == ["shop.yaml"]


def test_output_is_utf_8_in_any_locale(shop: Path) -> None:
    text = SHOP.replace("{name: shop}", "{name: shop, annotations: {owner: Jürgen 東京}}")
    (shop / "shop.yaml").write_text(text)
    done = finish(start(shop, "plugin", "generate", LC_ALL="POSIX"))
    assert "owner: Jürgen 東京" in done.out
