"""The plugin's commands as Argo CD's cmp-server starts them: a folder, an environment, no more."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from celery_kustomize.__main__ import main

PROGRAM = Path(sysconfig.get_path("scripts")) / "celery-kustomize"
"""The command that plugin.yaml names, as pip installs it."""

HEAD = "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplication\n"
SHOP = f"""{HEAD}metadata: {{name: shop}}
spec:
  app: shop.celery
  image: jp.icr.io/shop/app:1.4.2
  workers: [{{name: a}}]
  overlays:
  - {{name: staging, namespace: shop-staging}}
  - name: production
    overrides: {{workers: [{{name: a, replicas: 8}}]}}
"""


@dataclass(frozen=True)
class Done:
    """What a command did: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


def parameters(**values: Any) -> str:
    """``ARGOCD_APP_PARAMETERS`` with these values."""
    kinds: dict[type, str] = {str: "string", dict: "map", list: "array"}
    return json.dumps([{"name": n, kinds[type(v)]: v} for n, v in values.items()])


def call(folder: Path, *arguments: str, **environment: str) -> Done:
    """Run ``celery-kustomize`` in this process, in ``folder``, with no other variables."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    kept = {"CELERY_KUSTOMIZE_BIN": os.environ["CELERY_KUSTOMIZE_BIN"], **environment}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["celery-kustomize", *arguments])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        for name in list(os.environ):
            patch.delenv(name)
        for name, value in kept.items():
            patch.setenv(name, value)
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main()
            except SystemExit as stop:
                code = stop.code
    assert isinstance(code, int | None)
    return Done(code or 0, out.getvalue(), err.getvalue())


def generate(folder: Path, values: str | None = None, **environment: str) -> Done:
    """``plugin generate`` with ``values`` as ARGOCD_APP_PARAMETERS."""
    given = {} if values is None else {"ARGOCD_APP_PARAMETERS": values}
    return call(folder, "plugin", "generate", **given, **environment)


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start the installed command in a process group of its own, as cmp-server does."""
    return subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=folder,
        env={"CELERY_KUSTOMIZE_BIN": os.environ["CELERY_KUSTOMIZE_BIN"], **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def finish(process: subprocess.Popen[str]) -> Done:
    """Wait for the end of what ``start`` began."""
    out, err = process.communicate(timeout=120)
    return Done(process.returncode, out, err)


def objects(text: str) -> list[Any]:
    """The objects of a stream, by kind and name."""
    return sorted(yaml.safe_load_all(text), key=lambda o: (o["kind"], o["metadata"]["name"]))


def images(done: Done) -> dict[str, str]:
    """The images of all Deployments."""
    return {
        item["metadata"]["name"]: item["spec"]["template"]["spec"]["containers"][0]["image"]
        for item in objects(done.out)
        if item["kind"] == "Deployment"
    }


def assert_failed(done: Done, *lines: str) -> None:
    """It failed with just these lines, and printed nothing."""
    assert done.err.splitlines() == list(lines)
    assert (done.code, done.out) == (2, "")


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that has to happen."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process runs still."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
