"""The laws that hold for every generated case."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner
from hypothesis import reject

from celery_kustomize.cli import build, render
from celery_kustomize.errors import SpecError
from tests.equivalence.folders import built_directly, built_over, overlay_of, typed
from tests.equivalence.kustomize_client import Program

if TYPE_CHECKING:
    from click import Command

    from celery_kustomize.k8s.kustomization import Kustomization
    from celery_kustomize.pipeline import Rendered
    from tests.equivalence.applications import Specs
    from tests.equivalence.kustomize_client import Builder

__all__ = ["check_application", "check_folders", "check_merged", "check_program", "rendered"]


def rendered(case: Specs) -> Rendered:
    """The application of ``case``, which is tried no further when the rules refuse it."""
    try:
        return case.rendered()
    except SpecError:
        reject()


def check_folders(kustomize: Builder, base: Kustomization, wanted: Kustomization) -> None:
    """The overlay of ``wanted`` on ``base`` builds to ``wanted``, unless the engine refuses it."""
    try:
        top = overlay_of(base, wanted)
    except SpecError:
        reject()
    assert typed(built_over(kustomize, base, top)) == typed(built_directly(kustomize, wanted))


def check_application(kustomize: Builder, application: Rendered) -> None:
    """Every overlay builds to the objects of its merged spec: as many, the same, in order."""
    assert set(application.overlays) == set(application.direct) != set()
    for name, overlay in application.overlays.items():
        wanted = typed(built_directly(kustomize, application.direct[name]))
        assert typed(built_over(kustomize, application.base, overlay)) == wanted, name


def check_merged(kustomize: Builder, case: Specs) -> None:
    """An overlay builds to what the merged spec gives, written as a spec without overlays."""
    application = rendered(case)
    merged = case.merged()
    assert set(merged) == set(application.overlays)
    for name, specs in merged.items():
        wanted = typed(built_directly(kustomize, specs.rendered().base))
        built = built_over(kustomize, application.base, application.overlays[name])
        assert typed(built) == wanted, name


def check_program(command: list[str], case: Specs) -> None:
    """The law for the kustomize program on the files that are written.

    ``command``: the program's. What it builds of the folders that ``celery-kustomize render``
    writes is what ``celery-kustomize build`` prints, byte for byte.
    """
    check_application(Program(command), rendered(case))
    with tempfile.TemporaryDirectory() as folder:
        specs, output = Path(folder, "specs"), Path(folder, "output")
        specs.mkdir()
        case.write(specs)
        _run(render.command, str(specs), "--output", str(output))
        overlays = sorted(output.glob("*/overlays/*"))
        assert overlays
        for overlay in overlays:
            built = subprocess.run([*command, overlay], stdout=subprocess.PIPE, check=True).stdout
            assert _run(build.command, str(specs), "--overlay", overlay.name) == built


def _run(command: Command, *arguments: str) -> bytes:
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout_bytes
