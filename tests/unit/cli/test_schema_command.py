from __future__ import annotations

import json

import yaml
from click.testing import CliRunner

from celery_kustomize.cli.schema import command
from celery_kustomize.model.crd import crds
from celery_kustomize.model.json_schema import json_schema


def test_it_prints_the_json_schema() -> None:
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json_schema()


def test_it_prints_the_crds() -> None:
    result = CliRunner().invoke(command, ["--crd"])
    assert result.exit_code == 0
    assert list(yaml.safe_load_all(result.stdout)) == crds()
