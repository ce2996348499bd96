"""Never an empty success: every way to fail has an exit code, no output and short words."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.argocd.running import (
    HEAD,
    PROGRAM,
    SHOP,
    assert_failed,
    call,
    finish,
    generate,
    is_alive,
    parameters,
    start,
    wait_until,
)

Program = Callable[[str], str]


def test_no_spec_at_all(tmp_path: Path) -> None:
    message = ".: no CeleryApplication in its *.yaml and *.yml files"
    assert_failed(generate(tmp_path), message)
    (tmp_path / "deployment.yaml").write_text("kind: Deployment\n# kind: CeleryApplication\n")
    assert_failed(generate(tmp_path), message)


def test_no_object_at_all(shop: Path) -> None:
    (shop / "shop.yaml").write_text(
        f"{HEAD}metadata: {{name: shop}}\n"
        "spec: {app: a, image: b, serviceAccount: {create: false}}\n"
    )
    assert_failed(
        generate(shop),
        "shop.yaml: gives no Kubernetes object at all",
        "warning: shop.yaml:4: spec: runs nothing: write workers, or beat, flower, web, migration"
        " or redis",
    )


@pytest.mark.parametrize("printed", ["", "\\n", "---\\n", "# kind: ConfigMap\\n", "null\\n"])
def test_a_kustomize_that_prints_no_object(printed: str, shop: Path, kustomize: Program) -> None:
    program = kustomize(f"printf %b '{printed}'")
    assert_failed(
        generate(shop, CELERY_KUSTOMIZE_BIN=program),
        "shop.yaml: gives no Kubernetes object at all",
    )


def test_a_base_that_only_its_overlays_make_deployable(shop: Path) -> None:
    (shop / "shop.yaml").write_text(
        f"""{HEAD}metadata: {{name: shop}}
spec:
  app: a
  image: b
  broker: {{redis: {{host: redis}}}}
  config: {{values: {{task_acks_late: true}}}}
  workers:
  - {{name: a, queues: [a], autoscaling: {{maxReplicas: 2, queueLength: {{target: 2}}}}}}
  overlays: [{{name: production, namespace: shop}}]
"""
    )
    assert_failed(
        generate(shop),
        "shop.yaml:10: spec.workers[a].autoscaling.queueLength: KEDA resolves host names from its"
        " own namespace, so a queue on a host of this application's namespace needs that"
        " namespace: write it in metadata.namespace",
    )
    assert generate(shop, parameters(overlay="production")).code == 0
    assert generate(shop, parameters(namespace="shop")).code == 0


def test_mistakes_are_told_all_at_once_as_validate_tells_them(shop: Path) -> None:
    text = SHOP.replace("[{name: a}]", "[{name: a, replica: 1}]").replace("8}]", "x}]")
    (shop / "shop.yaml").write_text(text)
    done = generate(shop, parameters(overlay="production"))
    assert done.err.count("\n") == 2
    assert done == call(shop, "validate", ".")


def test_many_mistakes_are_cut_short(shop: Path) -> None:
    workers = "".join(f"  - {{name: w{number}, replica: 1}}\n" for number in range(90))
    (shop / "shop.yaml").write_text(
        f"{HEAD}metadata: {{name: shop}}\nspec:\n  app: a\n  image: b\n  workers:\n{workers}"
    )
    lines = generate(shop).err.splitlines()
    assert len(lines) == 51
    assert lines[0].startswith("shop.yaml:8: spec.workers[w0].replica: unknown field")
    assert lines[50] == "... and 40 more lines: `celery-kustomize validate` shows all"


def test_a_failing_kustomize(shop: Path, kustomize: Program) -> None:
    script = '[ "$1" = version ] && echo v5.8.2 && exit\necho half; echo "no $PWD/x" >&2; exit 1'
    assert_failed(
        generate(shop, CELERY_KUSTOMIZE_BIN=kustomize(script)),
        "kustomize failed on base: no base/x",
    )


def test_no_kustomize(shop: Path) -> None:
    assert_failed(
        generate(shop, CELERY_KUSTOMIZE_BIN="/nowhere/kustomize"),
        "CELERY_KUSTOMIZE_BIN: '/nowhere/kustomize' is not a program that can be run",
    )


def test_a_kustomize_that_is_killed(shop: Path, kustomize: Program) -> None:
    program = kustomize("echo 'kind: ConfigMap'; kill -9 $$")
    assert_failed(
        generate(shop, CELERY_KUSTOMIZE_BIN=program),
        "kustomize was killed on base: Killed (signal 9); there may be too little memory",
    )


HANGING = "/bin/sleep 300 & echo $$ $! > {pids}.new; /bin/mv {pids}.new {pids}; wait"


@pytest.fixture
def hanging(kustomize: Program, tmp_path: Path) -> tuple[str, Callable[[], list[int]]]:
    """A kustomize that hangs with a child, and its process ids once it does."""
    file = tmp_path / "pids"

    def pids() -> list[int]:
        wait_until(file.is_file)
        return [int(pid) for pid in file.read_text().split()]

    return kustomize(HANGING.format(pids=file)), pids


def test_a_kustomize_killed_from_outside(
    shop: Path, hanging: tuple[str, Callable[[], list[int]]]
) -> None:
    program, pids = hanging
    process = start(shop, "plugin", "generate", CELERY_KUSTOMIZE_BIN=program)
    kustomize_id, child = pids()
    os.kill(kustomize_id, signal.SIGKILL)
    os.kill(child, signal.SIGKILL)
    assert_failed(
        finish(process),
        "kustomize was killed on base: Killed (signal 9); there may be too little memory",
    )


def test_the_deadline_ends_kustomize_and_its_children(
    shop: Path, hanging: tuple[str, Callable[[], list[int]]]
) -> None:
    program, pids = hanging
    variables = {"CELERY_KUSTOMIZE_BIN": program, "ARGOCD_EXEC_TIMEOUT": "16s"}
    process = start(shop, "plugin", "generate", **variables)
    assert_failed(
        finish(process),
        "not done after 12 s and stopped: make several folders of it, or let Argo CD wait longer"
        " (its timeouts, and ARGOCD_EXEC_TIMEOUT of the sidecar)",
    )
    for pid in pids():
        wait_until(lambda pid=pid: not is_alive(pid))  # type: ignore[misc]


def test_argo_cd_s_end_ends_kustomize_too(
    shop: Path, tmp_path: Path, hanging: tuple[str, Callable[[], list[int]]]
) -> None:
    """Cmp-server kills the command and sends SIGTERM to its group, in any order."""
    program, pids = hanging
    variables = {"CELERY_KUSTOMIZE_BIN": program, "TMPDIR": str(tmp_path)}
    process = start(shop, "plugin", "generate", **variables)
    kustomize_id, child = pids()
    process.kill()
    done = finish(process)
    assert (done.code, done.out) == (-9, "")
    wait_until(lambda: not is_alive(kustomize_id))
    os.kill(child, signal.SIGKILL)


def test_sigterm_is_an_error_and_leaves_nothing(
    shop: Path, tmp_path: Path, hanging: tuple[str, Callable[[], list[int]]]
) -> None:
    program, pids = hanging
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    variables = {"CELERY_KUSTOMIZE_BIN": program, "TMPDIR": str(temporary)}
    process = start(shop, "plugin", "generate", **variables)
    found = pids()
    process.terminate()
    assert_failed(finish(process), "stopped by SIGTERM before the end")
    for pid in found:
        wait_until(lambda pid=pid: not is_alive(pid))  # type: ignore[misc]
    assert list(temporary.iterdir()) == []


def test_no_place_for_temporary_files(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    done = generate(shop)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("no copy for kustomize can be made: [Errno 2] No such file")


@pytest.mark.parametrize("redirection", [">&-", "> /dev/full"])
def test_no_place_for_the_output(redirection: str, shop: Path) -> None:
    environment = {"CELERY_KUSTOMIZE_BIN": os.environ["CELERY_KUSTOMIZE_BIN"]}
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" plugin generate {redirection}', PROGRAM],
        cwd=shop,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_our_own_mistakes_are_told_without_a_traceback_or_a_value(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("hunter2")

    monkeypatch.setattr("celery_kustomize.argocd.generate.build", fail)
    done = generate(shop)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("internal error, please report it: KeyError at test_failures.py:")
    assert "hunter2" not in done.err
