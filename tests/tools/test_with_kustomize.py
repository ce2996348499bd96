"""tools/with_kustomize.py: which program it takes, when it builds one, what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import with_kustomize


def program(path: Path, script: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is all of PATH; an empty cache; no variable."""
    monkeypatch.delenv("CELERY_KUSTOMIZE_BIN", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


GO = (
    'while [ "$1" != -o ]; do shift; done;'
    ' echo "#!/bin/sh" > "$2/kustomize"; echo "$GOTOOLCHAIN" >> "$2/kustomize"'
)


class TestOrder:
    def test_the_variable_goes_first(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program(path / "kustomize")
        monkeypatch.setenv("CELERY_KUSTOMIZE_BIN", "/opt/kustomize")
        assert with_kustomize.ensure() == "/opt/kustomize"

    def test_then_path(self, path: Path) -> None:
        program(with_kustomize.built_path())
        on_path = program(path / "kustomize")
        assert with_kustomize.ensure() == str(on_path)

    def test_then_what_was_built_before(self, path: Path) -> None:
        program(path / "go", "exit 1")
        built = program(with_kustomize.built_path())
        assert with_kustomize.ensure() == str(built)

    def test_then_a_build(self, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        program(path / "go", GO)
        program(path / "kubectl")
        built = with_kustomize.built_path()
        assert with_kustomize.ensure() == str(built)
        assert built.read_text() == "#!/bin/sh\nlocal\n"  # the installed Go, no other
        assert [item.name for item in built.parent.iterdir()] == ["kustomize"]
        assert f"building kustomize into {built}" in capfd.readouterr().err

    def test_then_kubectl(self, path: Path) -> None:
        program(path / "kubectl")
        assert with_kustomize.ensure() is None


class TestErrors:
    @pytest.mark.usefixtures("path")
    def test_nothing_to_use(self) -> None:
        with pytest.raises(with_kustomize.KustomizeMissingError) as caught:
            with_kustomize.ensure()
        assert str(caught.value) == (
            "no kustomize program: put kustomize 5 or kubectl on PATH, or install Go 1.26.0 or"
            " later and run this again, which builds it"
        )

    def test_failed_build_leaves_nothing(
        self, path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        program(path / "go", GO + "; exit 1")
        assert with_kustomize.main(["true"]) == 2
        assert capfd.readouterr().err.splitlines()[-1] == (
            "error: building kustomize failed (above). It needs Go 1.26.0 or later and the Go"
            " module proxy; or put kustomize 5 on PATH"
        )
        assert list(with_kustomize.built_path().parents[1].iterdir()) == []


class TestRun:
    PRINT = "import os, sys; print(os.environ.get('CELERY_KUSTOMIZE_BIN')); sys.exit(7)"

    def test_command_gets_the_program(self, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        found = program(path / "kustomize")
        assert with_kustomize.main([sys.executable, "-c", self.PRINT]) == 7
        assert capfd.readouterr().out == f"{found}\n"

    def test_kubectl_is_left_to_the_command(
        self, path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        program(path / "kubectl")
        assert with_kustomize.main([sys.executable, "-c", self.PRINT]) == 7
        assert capfd.readouterr().out == "None\n"

    def test_alone_it_prints_the_place(
        self, path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = program(path / "kustomize")
        assert with_kustomize.main([]) == 0
        assert capsys.readouterr().out == f"{found}\n"


def test_relative_cache_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert with_kustomize.built_path().parents[3] == tmp_path / ".cache"


def test_needs_only_the_standard_library() -> None:
    root = str(Path(with_kustomize.__file__).parents[1])
    code = f"import sys; sys.path.append({root!r}); import tools.with_kustomize"
    assert subprocess.run([sys.executable, "-I", "-S", "-c", code], check=False).returncode == 0
