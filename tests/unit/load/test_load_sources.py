"""load.sources: which files are read, and what belongs to which application."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celery_kustomize.load import limits
from celery_kustomize.load.sources import Sources, read

APP = "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplication\nmetadata: {name: %s}\n"
OVERLAY = (
    "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplicationOverlay\nmetadata: {name: %s}\n"
)
DEFAULTS = (
    "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplicationDefaults\nmetadata: {name: %s}\n"
)
CELERY = "apiVersion: celeryproject.org/v1alpha1\nkind: Celery\nmetadata: {name: %s}\n"
OLD = "apiVersion: celery.k8s.io/v1beta1\nkind: CeleryApplication\nmetadata: {name: %s}\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
ARGO = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: %s}\n"


def stream(*documents: str) -> str:
    """The documents, named a, b, c and so on."""
    named = (d % "abcdefgh"[i] if "%s" in d else d for i, d in enumerate(documents))
    return "---\n".join(named)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, an input folder of its own."""
    path = tmp_path / "input"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def write(name: str, text: str | bytes) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def load(*paths: str, **options: Any) -> Sources:
    return read(paths, **{"stdin": None, **options})


def problems(*paths: str, **options: Any) -> list[str]:
    return [str(problem) for problem in load(*paths, **options).problems]


def applications(sources: Sources) -> list[tuple[str, str, list[str]]]:
    """(file, name, names of its objects)."""
    assert sources.problems == []
    return [
        (s.file, s.document["metadata"]["name"], [o["metadata"]["name"] for o in s.objects])
        for s in sources.applications
    ]


class TestDocuments:
    def test_each_kind_has_its_place(self) -> None:
        write("shop.yaml", stream(APP, OVERLAY, DEFAULTS, CELERY, OLD))
        sources = load("shop.yaml")
        assert [name for _, name, _ in applications(sources)] == ["a", "d", "e"]
        assert [s.document["metadata"]["name"] for s in sources.overlays] == ["b"]
        assert [s.document["metadata"]["name"] for s in sources.defaults] == ["c"]
        assert sources.applications[0].document.mark_of("kind").line == 2
        assert (sources.overlays[0].file, sources.overlays[0].folder) == ("shop.yaml", Path())

    def test_objects_belong_to_the_application_above_or_else_the_first(self) -> None:
        write("shop.yaml", stream(CONFIG, APP, CONFIG, OVERLAY, CONFIG, CELERY, CONFIG))
        assert applications(load("shop.yaml")) == [
            ("shop.yaml", "b", ["a", "c", "e"]),
            ("shop.yaml", "f", ["g"]),
        ]

    def test_lists_are_expanded(self) -> None:
        items = "".join(
            "- " + document.replace("\n", "\n  ").rstrip() + "\n"
            for document in (APP % "shop", CONFIG % "x")
        )
        write("shop.yaml", f"apiVersion: v1\nkind: List\nitems:\n{items}")
        assert applications(load("shop.yaml")) == [("shop.yaml", "shop", ["x"])]

    def test_objects_of_argocd_are_never_picked_up(self) -> None:
        write("shop.yaml", stream(ARGO, APP, ARGO))
        assert applications(load("shop.yaml")) == [("shop.yaml", "b", [])]

    def test_objects_are_checked(self) -> None:
        write("shop.yaml", stream(APP, "data: {}\n", CONFIG % "''"))
        assert problems("shop.yaml") == [
            "shop.yaml:5: a Kubernetes object needs apiVersion: add it",
            "shop.yaml:5: a Kubernetes object needs kind: add it",
            "shop.yaml:5: a Kubernetes object needs metadata with a name",
            "shop.yaml:9: metadata.name: a Kubernetes object needs metadata.name",
        ]

    def test_objects_without_an_application(self) -> None:
        write("prod.yaml", stream(OVERLAY, CONFIG))
        write("shop.yaml", stream(APP))
        assert problems(".") == [
            "prod.yaml:6: kind: stands in a file without a CeleryApplication and belongs to none:"
            " name a file of its own in extraResources"
        ]

    def test_objects_whose_application_cannot_be_read(self) -> None:
        write("shop.yaml", stream(APP + "spec: .inf\n", OVERLAY, CONFIG))
        assert problems("shop.yaml") == [
            "shop.yaml:4: spec: .inf is not a number that Kubernetes can hold:"
            " quote it if it is a text"
        ]

    def test_a_misspelled_application_is_one_problem(self) -> None:
        write("shop.yaml", stream(APP.replace("Application", "Aplication"), CONFIG))
        assert problems("shop.yaml") == [
            'shop.yaml:2: kind: apiVersion "celeryproject.org/v1beta1" and kind "CeleryAplication"'
            " are not known together: write celeryproject.org/v1beta1 and CeleryApplication"
        ]


class TestFolder:
    def test_its_yaml_files_in_order_and_not_below(self) -> None:
        for name in ("b.yaml", "a.yml", "c.json", "d.YAML", ".hidden.yaml", "sub/x.yaml"):
            write(name, stream(APP))
        Path("folder.yaml").mkdir()
        assert [file for file, _, _ in applications(load("."))] == ["a.yml", "b.yaml"]

    def test_names_are_as_the_user_wrote_them(self, folder: Path) -> None:
        write("specs/shop.yaml", stream(APP))
        for path, file in [
            ("specs", "specs/shop.yaml"),
            ("./specs/", "specs/shop.yaml"),
            ("./specs/shop.yaml", "./specs/shop.yaml"),
            (f"{folder}/specs", f"{folder}/specs/shop.yaml"),
        ]:
            source = load(path).applications[0]
            assert (source.file, source.document.mark.file) == (file, file)
            assert source.folder == Path(file).parent

    @pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml"])
    def test_kustomizations_are_not_read(self, name: str) -> None:
        write("shop.yaml", stream(APP))
        write(name, stream(APP))
        assert [file for file, _, _ in applications(load("."))] == ["shop.yaml"]

    def test_files_of_others_are_ignored_whatever_is_in_them(self) -> None:
        write("shop.yaml", stream(APP))
        write("config.yaml", stream(CONFIG))
        write("argo.yaml", stream(ARGO))
        write("template.yaml", "name: {{ .Values.name }} celery\n")
        write("values.yaml", "- celery: [\n")
        write("list.yaml", "- celery\n")
        write("latin.yaml", "a: é".encode("latin-1"))
        write("tagged.yaml", "a: !Ref b")
        assert [file for file, _, _ in applications(load("."))] == ["shop.yaml"]

    def test_a_broken_spec_is_not_passed_over(self) -> None:
        write("a.yaml", stream(APP).replace("{name", "{{name"))
        write("b.yaml", stream(APP).encode("utf-16"))
        write("c.yaml", stream(APP).replace("celeryproject", "celeryprojet"))
        write("d.yaml", "kind: CeleryApplication\nx: [\n")
        write("shop.yaml", stream(APP))
        assert [problem.split(":")[0] for problem in problems(".")] == [
            "a.yaml",
            "b.yaml",
            "c.yaml",
            "d.yaml",
        ]

    def test_without_any_spec(self) -> None:
        Path("empty").mkdir()
        write("other/config.yaml", stream(CONFIG))
        write("shop.yaml", stream(APP))
        assert problems("empty", "other", "shop.yaml") == [
            "empty: no CeleryApplication in its *.yaml and *.yml files",
            "other: no CeleryApplication in its *.yaml and *.yml files",
        ]

    def test_too_many_files(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("celery_kustomize.load.discover.MAX_FILES", 1)
        write("a.yaml", stream(APP))
        write("b.yaml", stream(APP))
        assert problems(".") == [".: holds more than 1 YAML files: name the specs themselves"]

    def test_all_files_together_are_bounded(self) -> None:
        write("a.yaml", "#" * 60)
        write("b.yaml", "#" * 60)
        write("shop.yaml", stream(APP))
        assert problems(".", budget=limits.Budget(size=150)) == [
            "shop.yaml: all files together are too large: read fewer at once"
        ]


class TestFile:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            (stream(CONFIG), "x.yaml: no CeleryApplication in it"),
            ("", "x.yaml: no CeleryApplication in it"),
            ("a: [", "x.yaml:1: a value is expected here, not the end"),
            (stream(OVERLAY), "x.yaml: no CeleryApplication found, only overlays or defaults"),
            (stream(DEFAULTS), "x.yaml: no CeleryApplication found, only overlays or defaults"),
        ],
    )
    def test_named_but_without_an_application(self, text: str, problem: str) -> None:
        write("x.yaml", text)
        assert problems("x.yaml") == [problem]

    def test_any_name_will_do(self) -> None:
        write(".shop", stream(APP))
        assert len(load(".shop").applications) == 1

    def test_the_same_file_is_read_once(self, folder: Path) -> None:
        write("shop.yaml", stream(APP))
        Path("link.yaml").symlink_to("shop.yaml")
        paths = ("shop.yaml", ".", f"{folder}/shop.yaml", "link.yaml", "shop.yaml")
        assert applications(load(*paths)) == [("shop.yaml", "a", [])]

    def test_a_file_of_a_folder_that_is_also_named_must_be_a_spec(self) -> None:
        write("config.yaml", stream(CONFIG))
        write("shop.yaml", stream(APP))
        assert problems(".", "config.yaml") == ["config.yaml: no CeleryApplication in it"]

    @pytest.mark.parametrize(
        ("path", "problem"),
        [
            ("no.yaml", "no.yaml: cannot be read: no such file or directory"),
            ("", "an empty path: name a file or a folder"),
            ("a\0b", r"a\u0000b: cannot be read: embedded null byte"),
            ("shop.yaml/x", "shop.yaml/x: cannot be read: not a directory"),
            ("x" * 300, f"{'x' * 300}: cannot be read: file name too long"),
            ("/dev/null", "/dev/null: is not a regular file"),
            ("fifo", "fifo: is not a regular file"),
            ("loop.yaml", "loop.yaml: cannot be read: too many levels of symbolic links"),
            ("huge.yaml", "huge.yaml: is larger than 4 MiB: split it"),
        ],
    )
    def test_what_cannot_be_read(self, path: str, problem: str) -> None:
        write("shop.yaml", stream(APP))
        os.mkfifo("fifo")
        Path("loop.yaml").symlink_to("loop.yaml")
        with Path("huge.yaml").open("wb") as huge:
            huge.truncate(2**40)
        assert problems(path, "shop.yaml") == [problem]

    def test_no_permission(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> int:
            raise PermissionError(13, "Permission denied", "/secret/path")

        write("shop.yaml", stream(APP))
        monkeypatch.setattr(os, "open", refuse)
        assert problems("shop.yaml") == ["shop.yaml: cannot be read: permission denied"]

    def test_all_problems_at_once(self) -> None:
        write("a.yaml", stream(APP, APP) + "a: 1\na: 2\n")
        write("b.yaml", stream(APP) + "x: .inf\n")
        assert [problem.split(": ")[0] for problem in problems("a.yaml", "no", "b.yaml")] == [
            "no",
            "a.yaml:9",
            "b.yaml:4",
        ]


class TestLinks:
    """A link in a repository must not bring in what lies elsewhere on the machine."""

    OUT = "leads out of its folder; only what lies in the folder is read"

    @pytest.fixture(autouse=True)
    def outside(self, folder: Path) -> Path:
        secret = folder.parent / "secret.yaml"
        secret.write_text(stream(APP))
        return secret

    def test_out_of_the_folder(self, outside: Path) -> None:
        Path("link.yaml").symlink_to(outside)
        Path("relative.yml").symlink_to("../secret.yaml")
        write("shop.yaml", stream(APP))
        assert problems(".") == [f"link.yaml: {self.OUT}", f"relative.yml: {self.OUT}"]
        assert problems("link.yaml") == [f"link.yaml: {self.OUT}"]

    def test_to_a_folder_whose_name_only_begins_alike(self, folder: Path) -> None:
        other = folder.parent / "input-of-others"
        other.mkdir()
        (other / "x.yaml").write_text(stream(APP))
        Path("link.yaml").symlink_to("../input-of-others/x.yaml")
        assert problems("link.yaml") == [f"link.yaml: {self.OUT}"]

    def test_it_is_not_told_whether_the_target_exists(self) -> None:
        Path("link.yaml").symlink_to("../nothing.yaml")
        assert problems("link.yaml") == [f"link.yaml: {self.OUT}"]
        write("shop.yaml", stream(APP))
        assert problems(".") == [f"link.yaml: {self.OUT}"]

    def test_inside_the_folder(self) -> None:
        write("sub/shop.txt", stream(APP))
        Path("link.yaml").symlink_to("sub/shop.txt")
        assert applications(load(".")) == [("link.yaml", "a", [])]

    def test_to_the_folder_itself(self, folder: Path) -> None:
        write("shop.yaml", stream(APP))
        link = folder.parent / "link"
        link.symlink_to(folder)
        assert applications(load(str(link))) == [(f"{link}/shop.yaml", "a", [])]
        assert len(load(f"{link}/shop.yaml").applications) == 1


class TestStandardInput:
    def test_is_called_by_its_path(self) -> None:
        sources = load("-", "-", stdin=io.BytesIO(stream(APP).encode()))
        assert applications(sources) == [("-", "a", [])]
        assert sources.applications[0].folder == Path()
        assert sources.applications[0].document.mark.file == "-"

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (b"", "-: no CeleryApplication in it"),
            (b"a: 1\na: 2", "-:2: a: given twice, first in line 1: remove one"),
            (b"#" * (4 * 2**20 + 1), "-: is larger than 4 MiB: split it"),
        ],
    )
    def test_problems(self, data: bytes, problem: str) -> None:
        assert problems("-", stdin=io.BytesIO(data)) == [problem]

    def test_none(self) -> None:
        assert problems("-") == ["-: there is no standard input to read: name a file or a folder"]

    def test_closed(self) -> None:
        closed = io.BytesIO()
        closed.close()
        assert problems("-", stdin=closed) == ["-: cannot be read: I/O operation on closed file."]

    def test_no_path_at_all(self) -> None:
        assert problems() == ["-: no CeleryApplication found, only overlays or defaults"]


class TestDefaults:
    def test_come_before_those_of_the_folder_and_may_lie_anywhere(self, folder: Path) -> None:
        file = folder.parent / "defaults.yaml"
        file.write_text(stream(DEFAULTS))
        write("shop.yaml", stream(APP, DEFAULTS))
        sources = load(".", defaults=str(file))
        assert sources.problems == []
        assert [(s.file, s.document["metadata"]["name"]) for s in sources.defaults] == [
            (str(file), "a"),
            ("shop.yaml", "b"),
        ]

    def test_are_read_once(self) -> None:
        write("defaults.yaml", stream(DEFAULTS))
        write("shop.yaml", stream(APP))
        sources = load(".", "defaults.yaml", defaults="./defaults.yaml")
        assert applications(sources) == [("shop.yaml", "a", [])]
        assert len(sources.defaults) == 1

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "d.yaml: no CeleryApplicationDefaults in it"),
            (
                stream(APP),
                "d.yaml:2: kind: only CeleryApplicationDefaults may stand in the defaults file",
            ),
            ("a: [", "d.yaml:1: a value is expected here, not the end"),
        ],
    )
    def test_problems(self, text: str, problem: str) -> None:
        write("d.yaml", text)
        write("shop.yaml", stream(APP))
        assert problems("shop.yaml", defaults="d.yaml") == [problem]

    def test_missing(self) -> None:
        write("shop.yaml", stream(APP))
        assert problems("shop.yaml", defaults="no.yaml") == [
            "no.yaml: cannot be read: no such file or directory"
        ]


def test_names_of_files_cannot_forge_output() -> None:
    write("a\nshop.yaml:1: b.yaml", "kind: CeleryApplication\nx: [")
    Path(os.fsdecode(b"\xff.yaml")).write_text("kind: CeleryApplication\nx: [")
    text = [str(problem) for problem in load(".").problems]
    assert len(text) == 2
    assert all(line.isprintable() for line in text)


_LINES = st.sampled_from(
    [
        *APP.splitlines(),
        *CELERY.splitlines(),
        *CONFIG.splitlines(),
        "---",
        "kind: List",
        "items:",
        "- kind: 5",
        "metadata:",
        "metadata: []",
        "  name: x",
        "  annotations: {a: 1}",
        "spec: [~]",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_LINES, max_size=20).map("\n".join))
def test_no_documents_give_a_traceback(text: str) -> None:
    write("shop.yaml", text)
    assert all(problem.message for problem in load(".", "shop.yaml").problems)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([APP, OVERLAY, CONFIG, ARGO, CELERY, DEFAULTS]), max_size=8))
def test_every_object_belongs_to_exactly_one_application(kinds: list[str]) -> None:
    sources = read(["-"], stdin=io.BytesIO(stream(*kinds).encode()))
    owned = [o["metadata"]["name"] for s in sources.applications for o in s.objects]
    has_application = APP in kinds or CELERY in kinds
    assert sorted(owned) == [
        "abcdefgh"[i] for i, kind in enumerate(kinds) if kind == CONFIG and has_application
    ]
    assert bool(sources.problems) is not has_application
