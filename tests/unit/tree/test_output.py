"""What runs write and remove below OUT, and above all what they leave alone."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celery_kustomize.errors import SpecError
from celery_kustomize.tree import Changes, Folder, compare, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

K = "kustomization.yaml"


@pytest.fixture(autouse=True)
def _in_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository with specs in ``apps`` and an OUT that does not exist yet."""
    (tmp_path / "apps").mkdir()
    monkeypatch.chdir(tmp_path)


OUT = Path("out")


def base(application: str = "shop", source: str = "apps/shop.yaml", **texts: str) -> Folder:
    contents = {K: "k\n"} | {f"{name}.yaml": text for name, text in texts.items()}
    return Folder(application, "base", contents, source)


def overlay(
    name: str, application: str = "shop", source: str = "apps/shop.yaml", text: str = "o\n"
) -> Folder:
    return Folder(application, f"overlays/{name}", {K: text}, source)


def tree(root: Path = OUT) -> dict[str, str]:
    """Every file below ``root`` but the records."""
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".celery-kustomize"
    }


def messages(changes: Changes) -> list[str]:
    return [str(problem) for problem in changes.warnings]


def test_a_whole_tree_is_written_with_its_record() -> None:
    changes = write(OUT, [base(shared="s\n"), overlay("production")], ["apps"])
    assert changes.written == (
        "shop/.celery-kustomize",
        "shop/base/kustomization.yaml",
        "shop/base/shared.yaml",
        "shop/overlays/production/kustomization.yaml",
    )
    assert changes.removed == ()
    assert changes.warnings == ()
    assert tree() == {
        "shop/base/kustomization.yaml": "k\n",
        "shop/base/shared.yaml": "s\n",
        "shop/overlays/production/kustomization.yaml": "o\n",
    }
    assert Path("out/shop/.celery-kustomize").read_text().splitlines()[1:] == [
        "[../../apps/shop.yaml]",
        "base/kustomization.yaml",
        "base/shared.yaml",
        "overlays/production/kustomization.yaml",
    ]
    # The temporary folder is gone.
    assert sorted(path.name for path in OUT.iterdir()) == ["shop"]


def test_flat_leaves_the_applications_folder_out() -> None:
    write(OUT, [base(""), overlay("production", "")], ["apps/shop.yaml"])
    assert list(tree()) == ["base/kustomization.yaml", "overlays/production/kustomization.yaml"]
    assert Path("out/.celery-kustomize").is_file()


def test_texts_are_written_byte_for_byte() -> None:
    write(OUT, [base(shared="a\r\nb\n注文")], ["apps"])
    assert Path("out/shop/base/shared.yaml").read_bytes() == "a\r\nb\n注文".encode()


def test_what_is_right_already_is_not_touched() -> None:
    write(OUT, [base(a="1\n", b="1\n")], ["apps"])
    for path in OUT.rglob("*"):
        os.utime(path, ns=(1, 1))
    changes = write(OUT, [base(a="1\n", b="2\n")], ["apps"])
    assert changes.written == ("shop/base/b.yaml",)
    touched = {str(path) for path in OUT.rglob("*.*") if path.stat().st_mtime_ns != 1}
    assert touched == {"out/shop/base/b.yaml"}


def test_a_second_run_changes_nothing() -> None:
    folders = [base(a="1\n"), overlay("production")]
    write(OUT, folders, ["apps"])
    changes = write(OUT, folders, ["apps"])
    assert not changes
    assert not compare(OUT, folders, ["apps"])


def test_the_record_is_the_same_from_any_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    write(OUT, [base()], ["apps"])
    monkeypatch.chdir("apps")
    assert not write(Path("../out"), [base(source="shop.yaml")], ["."])


# --- removing -----------------------------------------------------------------------------------


def test_files_that_are_no_longer_made_go_and_empty_folders_with_them() -> None:
    write(OUT, [base(a="1\n"), overlay("staging"), overlay("production")], ["apps"])
    changes = write(OUT, [base(), overlay("production")], ["apps"])
    assert changes.removed == ("shop/base/a.yaml", "shop/overlays/staging/kustomization.yaml")
    assert list(tree()) == [
        "shop/base/kustomization.yaml",
        "shop/overlays/production/kustomization.yaml",
    ]
    assert not Path("out/shop/overlays/staging").exists()


def test_files_of_the_user_stay_and_are_reported() -> None:
    write(OUT, [base(a="1\n"), overlay("staging")], ["apps"])
    Path("out/shop/base/mine.yaml").write_text("mine\n")
    Path("out/shop/overlays/staging/notes.md").write_text("notes\n")
    Path("out/shop/overlays/own").mkdir()
    Path("out/shop/overlays/own/kustomization.yaml").write_text("own\n")
    Path("out/README.md").write_text("readme\n")
    changes = write(OUT, [base()], ["apps"])
    assert tree() == {
        "README.md": "readme\n",
        "shop/base/kustomization.yaml": "k\n",
        "shop/base/mine.yaml": "mine\n",
        "shop/overlays/own/kustomization.yaml": "own\n",
        "shop/overlays/staging/notes.md": "notes\n",
    }
    reason = (
        "was not written by celery-kustomize and is not part of the kustomization; it stays as it"
        " is (name it in the spec's extraResources to use it)"
    )
    assert messages(changes) == [
        f"warning: out/shop/base/mine.yaml: {reason}",
        f"warning: out/shop/overlays/staging/notes.md: {reason}",
    ]


def test_other_applications_are_none_of_a_runs_business() -> None:
    write(OUT, [base("a", "apps/a.yaml"), base("b", "apps/b.yaml")], ["apps"])
    changes = write(OUT, [base("a", "apps/a.yaml", new="1\n")], ["apps/a.yaml"])
    assert changes.removed == ()
    assert "b/base/kustomization.yaml" in tree()


def test_an_application_that_is_gone_from_its_folder_is_removed() -> None:
    write(OUT, [base("a", "apps/a.yaml"), base("b", "apps/b.yaml")], ["apps"])
    changes = write(OUT, [base("a", "apps/a.yaml")], ["apps"])
    assert changes.removed == ("b/.celery-kustomize", "b/base/kustomization.yaml")
    assert sorted(path.name for path in OUT.iterdir()) == ["a"]


def test_an_application_that_is_gone_from_its_file_is_removed() -> None:
    write(OUT, [base("a"), base("b")], ["apps/shop.yaml"])
    write(OUT, [base("a")], ["apps/shop.yaml"])
    assert list(tree()) == ["a/base/kustomization.yaml"]


def test_the_last_application_can_go() -> None:
    write(OUT, [base()], ["apps"])
    write(OUT, [], ["apps"])
    assert list(OUT.iterdir()) == []


def test_an_overlay_from_a_file_that_was_not_read_stays() -> None:
    production = overlay("production", source="apps/production.yaml")
    write(OUT, [base(), production], ["apps"])
    changes = write(OUT, [base(a="1\n")], ["apps/shop.yaml"])
    assert "shop/overlays/production/kustomization.yaml" in tree()
    assert messages(changes) == [
        "warning: out/shop: what comes from ../../apps/production.yaml stays as it is: this run has"
        " not read that spec"
    ]
    write(OUT, [base()], ["apps"])
    assert list(tree()) == ["shop/base/kustomization.yaml"]


def test_specs_below_a_folder_are_not_part_of_it() -> None:
    write(OUT, [base(source="apps/team/shop.yaml")], ["apps/team/shop.yaml"])
    assert not write(OUT, [], ["apps"]).removed


def test_a_renamed_spec_takes_its_files_along() -> None:
    write(OUT, [base(a="1\n"), overlay("staging")], ["apps/shop.yaml"])
    write(OUT, [base(source="apps/checkout.yaml")], ["apps/checkout.yaml"])
    assert list(tree()) == ["shop/base/kustomization.yaml"]
    assert "shop.yaml" not in Path("out/shop/.celery-kustomize").read_text()


def test_standard_input_has_only_itself_as_source() -> None:
    write(OUT, [base("a", "-"), base("b", "apps/b.yaml")], ["-", "apps"])
    write(OUT, [base("c", "-")], ["-"])
    assert list(tree()) == ["b/base/kustomization.yaml", "c/base/kustomization.yaml"]


def test_from_folders_to_flat_and_back() -> None:
    write(OUT, [base(), overlay("production")], ["apps"])
    write(OUT, [base(""), overlay("production", "")], ["apps"])
    assert list(tree()) == ["base/kustomization.yaml", "overlays/production/kustomization.yaml"]
    write(OUT, [base()], ["apps"])
    assert list(tree()) == ["shop/base/kustomization.yaml"]


# --- what is in the way -------------------------------------------------------------------------


def refused(folders: list[Folder]) -> list[str]:
    """The problems; nothing may have changed."""
    before = {path: path.lstat().st_mtime_ns for path in Path().rglob("*")}
    with pytest.raises(SpecError) as raised:
        write(OUT, folders, ["apps"])
    assert {path: path.lstat().st_mtime_ns for path in Path().rglob("*")} == before
    return [str(problem) for problem in raised.value.problems]


def test_a_file_of_the_user_is_never_overwritten() -> None:
    for name in ("a.yaml", "b.yaml", K):
        path = Path("out/shop/base", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine\n")
    reason = (
        "exists already and was not written by celery-kustomize (it is not listed in"
        " out/shop/.celery-kustomize); move it away or delete it"
    )
    assert refused([base(a="1\n", b="mine\n")]) == [
        f"out/shop/base/a.yaml: {reason}",
        f"out/shop/base/{K}: {reason}",
    ]


def test_an_identical_file_is_taken_over() -> None:
    Path("out/shop/base").mkdir(parents=True)
    Path("out/shop/base", K).write_text("k\n")
    assert write(OUT, [base()], ["apps"]).written == ("shop/.celery-kustomize",)


def link(at: str, to: Path) -> None:
    Path(at).parent.mkdir(parents=True, exist_ok=True)
    Path(at).symlink_to(to)


@pytest.mark.parametrize(
    "place", ["out/shop", "out/shop/base", f"out/shop/base/{K}", "out/shop/.celery-kustomize"]
)
def test_links_are_never_followed_when_writing(place: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link(place, outside if place.endswith(("shop", "base")) else outside / "file")
    assert refused([base()]) == [f"{place}: is a symbolic link, which is never followed; remove it"]
    assert list(outside.iterdir()) == []


def test_links_are_never_followed_when_removing(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "passwd").write_text("root\n")
    link("out/shop/overlays/x", outside)
    record = (
        "[../../apps/shop.yaml]\noverlays/x/passwd\nbase/../../../outside/passwd\n/etc/passwd\n"
    )
    Path("out/shop/.celery-kustomize").write_text(record)
    assert refused([]) == [
        "out/shop/overlays/x: is a symbolic link, which is never followed; remove it"
    ]
    assert (outside / "passwd").read_text() == "root\n"


def test_an_application_that_is_a_link_is_not_pruned(tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    write(other, [base()], ["apps"])
    OUT.mkdir()
    link("out/shop", other / "shop")
    assert not write(OUT, [], ["apps"])
    assert "shop/base/kustomization.yaml" in tree(other)


def test_out_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    OUT.symlink_to("real")
    write(OUT, [base()], ["apps"])
    assert not write(Path("real"), [base()], ["apps"])


def test_other_things_in_the_way() -> None:
    Path("out/shop/base", K).mkdir(parents=True)
    Path("out/shop/overlays").write_text("x")
    assert refused([base(), overlay("production")]) == [
        f"out/shop/base/{K}: is not a file; move it away",
        "out/shop/overlays: is not a folder; move it away",
    ]
    Path("file").write_text("x")
    with pytest.raises(SpecError, match=r"\Afile: is not a folder; move it away\Z"):
        write(Path("file"), [base()], ["apps"])


def test_one_of_our_files_may_become_a_folder() -> None:
    write(OUT, [Folder("shop", "base", {K: "k\n", "c": "1\n"}, "apps/shop.yaml")], ["apps"])
    write(OUT, [Folder("shop", "base", {K: "k\n", "c/d": "1\n"}, "apps/shop.yaml")], ["apps"])
    assert tree()["shop/base/c/d"] == "1\n"


def test_a_full_disk_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    write(OUT, [base(a="1\n", b="1\n")], ["apps"])
    real: Callable[[Path, bytes], int] = Path.write_bytes

    def fail(path: Path, content: bytes) -> int:
        if content == b"new\n":
            raise OSError(28, "No space left on device", "out/x")
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", fail)
    before = tree()
    with pytest.raises(SpecError, match=r"\Aout/x: cannot be written: No space left on device\Z"):
        write(OUT, [base(b="2\n", c="new\n")], ["apps"])
    assert tree() == before
    assert sorted(path.name for path in OUT.iterdir()) == ["shop"]


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        (Folder("..", "base", {K: ""}, "-"), "'..' is not the name of a folder"),
        (Folder("a/b", "base", {K: ""}, "-"), "'a/b' is not the name of a folder"),
        (Folder("a", "src", {K: ""}, "-"), "'src' is not base or overlays/<name>"),
        (Folder("a", "overlays/..", {K: ""}, "-"), "'overlays/..' is not base or overlays/<name>"),
        (
            Folder("a", "base", {"../x": ""}, "-"),
            "'base/../x' leaves its folder or is written twice",
        ),
    ],
)
def test_paths_that_lead_elsewhere_are_refused(folder: Folder, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message) + r"\Z"):
        write(OUT, [folder], ["-"])
    assert not OUT.exists()


# --- compare ------------------------------------------------------------------------------------


def test_the_difference_is_shown_and_nothing_written() -> None:
    write(OUT, [base(a="1\n2\n", b="1\n")], ["apps"])
    Path("out/shop/base/a.yaml").write_text("1\nedited")
    before = tree()
    changes = compare(OUT, [base(a="1\n2\n", c="new\n")], ["apps"])
    assert tree() == before
    assert changes.written == ("shop/.celery-kustomize", "shop/base/a.yaml", "shop/base/c.yaml")
    assert changes.removed == ("shop/base/b.yaml",)
    assert changes.diff == (
        "--- a/shop/.celery-kustomize\n"
        "+++ b/shop/.celery-kustomize\n"
        "@@ -1,5 +1,5 @@\n"
        " # Files that celery-kustomize wrote and may change or remove. Keep this file in Git.\n"
        " [../../apps/shop.yaml]\n"
        " base/a.yaml\n"
        "-base/b.yaml\n"
        "+base/c.yaml\n"
        " base/kustomization.yaml\n"
        "--- a/shop/base/a.yaml\n"
        "+++ b/shop/base/a.yaml\n"
        "@@ -1,2 +1,2 @@\n"
        " 1\n"
        "-edited\n"
        "\\ No newline at end of file\n"
        "+2\n"
        "--- a/shop/base/b.yaml\n"
        "+++ /dev/null\n"
        "@@ -1 +0,0 @@\n"
        "-1\n"
        "--- /dev/null\n"
        "+++ b/shop/base/c.yaml\n"
        "@@ -0,0 +1 @@\n"
        "+new\n"
    )


def test_a_difference_of_huge_files_is_only_named() -> None:
    write(OUT, [base(a="1\n" * 600_000)], ["apps"])
    changes = compare(OUT, [base(a="2\n" * 600_000)], ["apps"])
    assert changes.diff == (
        "shop/base/a.yaml differs; it is too large to be compared line by line\n"
    )


def test_comparing_makes_no_folder() -> None:
    assert compare(OUT, [base()], ["apps"])
    assert not OUT.exists()


# --- any sequence of runs -----------------------------------------------------------------------

_FILES = st.dictionaries(st.sampled_from(["a.yaml", "b.yaml", "c/d"]), st.sampled_from("12"))
_RUN = st.dictionaries(
    st.tuples(st.sampled_from("xy"), st.sampled_from(["base", "overlays/p", "overlays/q"])), _FILES
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(_RUN, min_size=1, max_size=4), users=st.booleans())
def test_after_any_runs_the_tree_is_the_last_ones(
    runs: list[dict[tuple[str, str], Mapping[str, str]]],
    users: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    out = tmp_path_factory.mktemp("out")
    mine = {}
    if users:
        mine = {"x/base/mine.txt": "m", "y/overlays/q/mine.txt": "m"}
        for path, text in mine.items():
            (out / path).parent.mkdir(parents=True)
            (out / path).write_text(text)
    for run in runs:
        folders = [
            Folder(application, name, texts, "apps/shop.yaml")
            for (application, name), texts in run.items()
        ]
        differs = bool(compare(out, folders, ["apps"]))
        assert bool(write(out, folders, ["apps"])) == differs
        assert not compare(out, folders, ["apps"])
    wanted = {f"{f.application}/{f.name}/{path}": t for f in folders for path, t in f.files.items()}
    assert tree(out) == {**wanted, **mine}
