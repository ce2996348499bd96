"""tests/conftest.py: golden files are compared and updated, nothing is skipped under CI."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with this project's conftest.py; not under CI."""
    monkeypatch.delenv("CI", raising=False)
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    return pytester


def make_golden_test(project: pytest.Pytester, made: dict[str, str]) -> Path:
    project.makepyfile(
        f"""
        from pathlib import Path

        def test_golden(golden):
            golden.check_tree({made!r}, Path(__file__).parent / "golden" / "case")
        """
    )
    return project.path / "golden" / "case"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def tree(folder: Path) -> dict[str, str | None]:
    """Every file's text and every directory (None) below ``folder``."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode() if path.is_file() else None
        for path in folder.rglob("*")
    }


def report(result: pytest.RunResult) -> str:
    """What the failing test said."""
    lines = result.outlines
    start = next(i for i, line in enumerate(lines) if " test_golden " in line) + 1
    end = next(i for i, line in enumerate(lines) if "short test summary" in line)
    return "\n".join(lines[start:end])


class TestGolden:
    def test_equal_trees_pass(self, project: pytest.Pytester) -> None:
        made = {"base/a.yaml": "a: 1\n", "b.yaml": ""}
        write(make_golden_test(project, made), made)
        project.runpytest_inprocess().assert_outcomes(passed=1)

    def test_difference_shows_every_file_and_the_command(self, project: pytest.Pytester) -> None:
        made = {"changed.yaml": "a: 1\nb: 3\n", "new.yaml": "n: 1\n"}
        folder = make_golden_test(project, made)
        write(folder, {"changed.yaml": "a: 1\nb: 2\n", "stale/old.yaml": "o: 1\n"})
        result = project.runpytest_inprocess()
        result.assert_outcomes(failed=1)
        assert report(result) == "\n".join(
            [
                "not what the golden files say; if it is right, run: make golden",
                "--- golden/case/changed.yaml",
                "+++ golden/case/changed.yaml (made now)",
                "@@ -1,2 +1,2 @@",
                " a: 1",
                "-b: 2",
                "+b: 3",
                "--- /dev/null",
                "+++ golden/case/new.yaml (made now)",
                "@@ -0,0 +1 @@",
                "+n: 1",
                "--- golden/case/stale/old.yaml",
                "+++ /dev/null",
                "@@ -1 +0,0 @@",
                "-o: 1",
            ]
        )

    @pytest.mark.parametrize(
        ("golden", "made", "shown"),
        [
            ("a\n", "a", "+\\ No newline at end of file"),
            ("a\n", "a\r\n", "+a\\r"),
            (None, "", "(an empty file)"),
        ],
    )
    def test_differences_that_are_hard_to_see_show(
        self, project: pytest.Pytester, golden: str | None, made: str, shown: str
    ) -> None:
        folder = make_golden_test(project, {"a.yaml": made})
        write(folder, {} if golden is None else {"a.yaml": golden})
        result = project.runpytest_inprocess()
        result.assert_outcomes(failed=1)
        assert report(result).endswith(shown)

    def test_update_writes_what_was_made_and_nothing_else(self, project: pytest.Pytester) -> None:
        made = {"base/a.yaml": "a: 1\r\n", "b.yaml": "é\n"}
        folder = make_golden_test(project, made)
        write(folder, {"b.yaml": "old\n", "stale/deep/old.yaml": "o: 1\n"})
        project.runpytest_inprocess("--update-golden").assert_outcomes(passed=1)
        assert tree(folder) == {"base": None, **made}
        project.runpytest_inprocess().assert_outcomes(passed=1)

    @pytest.mark.parametrize("name", ["../a.yaml", "/a.yaml", "a//b.yaml", "."])
    def test_update_never_leaves_its_folder(self, project: pytest.Pytester, name: str) -> None:
        make_golden_test(project, {name: "a"})
        result = project.runpytest_inprocess("--update-golden")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines([f"*ValueError: not a plain relative path: '{name}'*"])
        assert not (project.path / "golden").exists()

    def test_no_update_under_ci(
        self, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CI", "true")
        make_golden_test(project, {"a.yaml": "a"})
        result = project.runpytest_inprocess("--update-golden")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert not (project.path / "golden").exists()


class TestNoSkipUnderCi:
    SKIPS = """
        import pytest

        @pytest.mark.skip(reason="not today")
        def test_marked():
            pass

        def test_called():
            pytest.skip("no cluster")

        @pytest.fixture
        def missing():
            pytest.skip("no program")

        def test_in_fixture(missing):
            pass

        @pytest.mark.xfail(strict=True, reason="upstream")
        def test_expected_to_fail():
            assert False
        """

    def test_skips_are_failures(
        self, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CI", "true")
        project.makepyfile(self.SKIPS)
        result = project.runpytest_inprocess()
        # What is skipped before the test's own code runs counts as an error in pytest.
        result.assert_outcomes(failed=1, errors=2, xfailed=1)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(
            ["*::test_called skipped, but under CI every test has to run: *no cluster"]
        )

    def test_skipped_modules_are_failures(
        self, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CI", "1")
        project.makepyfile("import pytest; pytest.importorskip('no_such_module')")
        result = project.runpytest_inprocess()
        result.assert_outcomes(errors=1)
        assert result.ret == pytest.ExitCode.INTERRUPTED

    @pytest.mark.parametrize("unset", ["", "false", "0"])
    def test_elsewhere_they_are_skips(
        self, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, unset: str
    ) -> None:
        monkeypatch.setenv("CI", unset)
        project.makepyfile(self.SKIPS)
        result = project.runpytest_inprocess()
        result.assert_outcomes(skipped=3, xfailed=1)
        assert result.ret == pytest.ExitCode.OK
