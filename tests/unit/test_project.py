"""The project's own files agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("runtime.txt", "build.txt", "dev.txt", "lock.txt")


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def pins(lock: str) -> dict[str, str]:
    """Versions by package name. Every requirement of a lock must be an exact one with hashes."""
    found: dict[str, str] = {}
    joined = read(f"requirements/{lock}").replace("\\\n", " ")
    for line in joined.splitlines():
        if not line or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(
            r"([a-z0-9.-]+)==([^\s;]+)( ; [^\\]+?)?((\s+--hash=sha256:[0-9a-f]{64})+)\s*", line
        )
        assert match, f"requirements/{lock}: not NAME==VERSION with sha256 hashes: {line}"
        found[canonicalize_name(match[1])] = match[2]
    return found


def assert_covers(lock: str, requirements: list[str]) -> None:
    locked = pins(lock)
    for requirement in map(Requirement, requirements):
        version = locked.get(canonicalize_name(requirement.name))
        assert version, f"requirements/{lock} lacks {requirement}: run make lock"
        assert requirement.specifier.contains(version), (
            f"requirements/{lock} has {version} for {requirement}: run make lock"
        )


def group(pyproject: dict[str, Any], name: str) -> list[str]:
    return [item for item in pyproject["dependency-groups"][name] if isinstance(item, str)]


class TestLocks:
    def test_runtime_lock_covers_the_dependencies(self, pyproject: dict[str, Any]) -> None:
        assert_covers("runtime.txt", pyproject["project"]["dependencies"])

    def test_development_lock_covers_dependencies_and_group(
        self, pyproject: dict[str, Any]
    ) -> None:
        assert_covers("dev.txt", pyproject["project"]["dependencies"] + group(pyproject, "dev"))

    def test_build_group_is_what_the_build_system_requires(self, pyproject: dict[str, Any]) -> None:
        assert group(pyproject, "build") == pyproject["build-system"]["requires"]
        assert_covers("build.txt", group(pyproject, "build"))

    def test_lock_of_the_locking_tool(self, pyproject: dict[str, Any]) -> None:
        assert_covers("lock.txt", group(pyproject, "lock"))

    @pytest.mark.parametrize("part", ["runtime.txt", "build.txt"])
    def test_development_lock_has_the_versions_that_users_get(self, part: str) -> None:
        assert pins(part).items() <= pins("dev.txt").items()

    @pytest.mark.parametrize("lock", LOCKS)
    def test_no_lock_names_an_index(self, lock: str) -> None:
        text = read(f"requirements/{lock}")
        assert re.findall(r"\w+://|(?:^|\s)(?:-i|-f|--\w*index\S*|--find-links)\b", text) == []


class TestVersion:
    def test_the_package_states_no_second_version(self) -> None:
        texts = {path: read(str(path)) for path in (ROOT / "generator").rglob("*.py")}
        stated = [path for path, text in texts.items() if re.search(r"(?m)^__version__\b", text)]
        assert stated == []

    def test_the_change_log_is_about_this_version(self, pyproject: dict[str, Any]) -> None:
        """The newest release in the log is this version, or the version is yet unreleased."""
        headings = re.findall(r"(?m)^## \[([^\]]+)\]", read("CHANGELOG.md"))
        released = [heading for heading in headings if heading != "Unreleased"]
        assert headings[:1] in (["Unreleased"], [pyproject["project"]["version"]])
        assert released[:1] in ([], [pyproject["project"]["version"]])


class TestCommands:
    @staticmethod
    def targets() -> set[str]:
        return set(re.findall(r"(?m)^([a-z][a-z0-9-]*):(?!=)", read("Makefile")))

    def test_ci_runs_targets_that_exist(self) -> None:
        found = re.search(r"(?m)^steps=\((.*?)\)", read(".ci/run"), re.DOTALL)
        assert found
        steps = set(found[1].split())
        assert {"test", "lint", "types", "contracts"} <= steps
        assert steps <= self.targets()

    def test_pages_name_targets_that_exist(self) -> None:
        pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
        named = {name for page in pages for name in made(read(str(page)))}
        assert {"demo", "test", "golden"} <= named <= self.targets()

    def test_every_target_is_phony(self) -> None:
        phony = re.findall(r"(?m)^\.PHONY: (.*)$", read("Makefile"))
        assert self.targets() == {name for names in phony for name in names.split()}

    def test_pre_commit_fetches_nothing(self) -> None:
        repos = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
        hooks = [hook for repo in repos for hook in repo["hooks"]]
        assert [repo["repo"] for repo in repos] == ["local"]
        assert {hook["language"] for hook in hooks} == {"system"}
        assert all(hook["entry"].startswith(".venv/bin/") for hook in hooks)


def made(page: str) -> set[str]:
    """The targets of each make command in a page's code, fenced or inline."""
    code = re.findall(r"(?ms)^```.*?^```", page) + re.findall(r"`[^`\n]+`", page)
    command = r"(?m)(?:^|`|\$ |&& )[ ]*make((?: [a-z][a-z-]*)+)(?=$|[` ])"
    return {name for text in code for names in re.findall(command, text) for name in names.split()}
