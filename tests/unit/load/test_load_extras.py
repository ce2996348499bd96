"""load.extras: files named in extraResources stay in the folder and hold Kubernetes objects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from celery_kustomize.load.extras import read_extra
from celery_kustomize.load.limits import Budget
from celery_kustomize.located import Mark

MARK = Mark("shop.yaml", 9, "spec.extraResources[0]")
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, an input folder of its own with a secret beside it."""
    path = tmp_path / "input"
    path.mkdir()
    monkeypatch.chdir(path)
    (tmp_path / "secret.yaml").write_text(CONFIG)
    return path


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def problems(path: str, folder: str = ".", root: str = ".") -> list[str]:
    objects, found = read_extra(Path(folder), Path(root), path, MARK)
    assert found or objects
    return [str(problem) for problem in found]


def test_objects_with_their_places() -> None:
    write("shop/staging/secret.yaml", CONFIG + "---\n" + CONFIG)
    objects, found = read_extra(Path("shop"), Path("shop"), "staging/secret.yaml", MARK)
    assert found == []
    assert [item["kind"] for item in objects] == ["ConfigMap", "ConfigMap"]
    assert objects[1].mark_of("kind") == Mark("shop/staging/secret.yaml", 6, "kind")


def test_json_and_lists() -> None:
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "x"},
        "data": {"a": "日"},
    }
    listed = {"apiVersion": "v1", "kind": "List", "items": [config]}
    write("x.json", json.dumps(listed, ensure_ascii=False, indent="\t"))
    assert read_extra(Path(), Path(), "x.json", MARK) == ([config], [])


def test_a_folder_above_the_spec_but_inside_the_input() -> None:
    write("common/x.yaml", CONFIG)
    Path("shop").mkdir()
    assert len(read_extra(Path("shop"), Path(), "../common/x.yaml", MARK)[0]) == 1


PLACE = "shop.yaml:9: spec.extraResources[0]"


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        [
            "https://example.com/x.yaml",
            "HTTP://example.com/x.yaml",
            "git::https://example.com/x",
            "git@example.com:a/b",
            "ssh://git@example.com/x",
            "file:///etc/passwd",
            "github.com/a/b//c?ref=main",
            "www.github.com/a/b",
            "example.com/a/b?ref=--upload-pack=x",
        ],
    )
    def test_nothing_remote(self, path: str) -> None:
        assert problems(path) == [
            f"{PLACE}: must be a file of this folder: nothing is read from other places"
        ]

    @pytest.mark.parametrize(
        ("path", "problem"),
        [
            ("", "must be the path of a file"),
            ("/etc/passwd", "must be relative to the folder of the spec"),
            ("~/x.yaml", "must be relative to the folder of the spec"),
            ("a\\b.yaml", 'must have "/" between its parts'),
            ("no.yaml", "no.yaml cannot be read: no such file or directory"),
            ("sub", "sub is a folder: name a file"),
            (".", ". is a folder: name a file"),
            *(
                (path, f"{path} cannot be read: too many levels of symbolic links")
                for path in ("circle", "circle/x.yaml", "circle/../linked/secret.yaml")
            ),
            ("a\0b", r"a\u0000b cannot be read: embedded null byte"),
            *(
                (path, f"{path} leads out of its folder; only what lies in the folder is read")
                for path in (
                    "../secret.yaml",
                    "sub/../../secret.yaml",
                    "no/../../nothing.yaml",
                    "..",
                    "link.yaml",
                    "linked/secret.yaml",
                    "linked/../secret.yaml",
                )
            ),
        ],
    )
    def test_messages(self, path: str, problem: str, folder: Path) -> None:
        write("sub/x.yaml", CONFIG)
        (folder / "link.yaml").symlink_to("../secret.yaml")
        (folder / "linked").symlink_to(folder.parent)
        (folder / "circle").symlink_to("circle")
        assert problems(path) == [f"{PLACE}: {problem}"]

    def test_names_that_only_look_remote(self) -> None:
        write("github/ref=a@x.yaml", CONFIG)
        assert problems("github/ref=a@x.yaml") == []


class TestContent:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "x.yaml: no Kubernetes object in it"),
            ("a: [", "x.yaml:1: a value is expected here, not the end"),
            ("- a", "x.yaml:1: a list instead of an object with apiVersion, kind and metadata"),
            (
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a}",
                "x.yaml:3: metadata.generateName: kustomize cannot name the object:"
                " write metadata.name instead",
            ),
            (
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}",
                "x.yaml:2: kind: Argo CD's own objects are not part of an application: remove it",
            ),
            (
                "apiVersion: celeryproject.org/v1alpha1\nkind: Celery\nmetadata: {name: a}",
                "x.yaml:2: kind: must stand in a spec file of its own, not in extraResources",
            ),
            (
                "apiVersion: celeryproject.org/v2\nkind: CeleryApplication\nmetadata: {name: a}",
                'x.yaml:1: apiVersion: apiVersion "celeryproject.org/v2" and kind'
                ' "CeleryApplication" are not known together:'
                " write celeryproject.org/v1beta1 and CeleryApplication",
            ),
        ],
    )
    def test_messages(self, text: str, problem: str) -> None:
        write("x.yaml", text)
        assert problems("x.yaml") == [problem]

    def test_limits(self) -> None:
        write("x.yaml", "#" * (4 * 2**20 + 1))
        assert problems("x.yaml") == [f"{PLACE}: x.yaml is larger than 4 MiB: split it"]
        write("y.yaml", CONFIG)
        budget = Budget(size=len(CONFIG))
        assert read_extra(Path(), Path(), "y.yaml", MARK, budget)[1] == []
        _, (problem,) = read_extra(Path(), Path(), "y.yaml", MARK, budget)
        assert str(problem) == "y.yaml: all files together are too large: read fewer at once"
