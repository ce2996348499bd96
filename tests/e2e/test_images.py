"""The images by themselves, without a cluster: read-only, as any user, without a network."""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
import tarfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e import images
from tests.e2e.certificates import Authority
from tests.e2e.images.running import Container, configuration, container

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Open = Callable[[str], Container]

ROOT = Path(__file__).resolve().parents[2]
SEEN = "REF TYPE DIGEST SIZE PLATFORMS LABELS\n"


@pytest.fixture(scope="module")
def open_image() -> Iterator[Open]:
    """Gives the file system of an image by its short name; builds what is missing."""
    opened: dict[str, Container] = {}
    with contextlib.ExitStack() as stack:

        def open_once(name: str) -> Container:
            if name not in opened:
                (built,) = images.build([name])
                opened[name] = stack.enter_context(container(built))
            return opened[name]

        yield open_once


@pytest.fixture(scope="module")
def product(open_image: Open) -> Container:
    return open_image("celery-kustomize")


def test_no_reference_means_two_images() -> None:
    references = [reference for each in images.IMAGES for reference in each.references]
    assert len(references) == len(set(references))


class TestLoading:
    """What containerd is asked to import, by a stand-in for its client."""

    @staticmethod
    def entry(built: images.Built, reference: str) -> str:
        return f"{reference} {built.manifest['mediaType']} {built.digest} 1.0 MiB linux/amd64 -\n"

    def test_one_archive_has_each_layer_once(self) -> None:
        built = images.build(["redis", "tasks-5.5", "tasks-5.7"])
        found: dict[str, str] = {}
        digests: list[str] = []

        def ctr(arguments: list[str]) -> str:
            if arguments == ["images", "ls"]:
                return SEEN
            assert arguments[:2] == ["images", "import"]
            with tarfile.open(arguments[2]) as archive:
                for member in archive:
                    content = archive.extractfile(member)
                    assert content
                    if member.name == "index.json":
                        for manifest in json.load(content)["manifests"]:
                            name = manifest["annotations"]["io.containerd.image.name"]
                            found[name] = manifest["digest"]
                    elif member.name.startswith("blobs/"):
                        digests.append(member.name.removeprefix("blobs/sha256/"))
                        assert hashlib.sha256(content.read()).hexdigest() == digests[-1]
            return ""

        loaded = images.load(built, ctr)
        assert found == {name: each.digest for each in built for name in each.image.references}
        assert sorted(found) == sorted(loaded)
        assert len(digests) == len(set(digests))
        assert {f"sha256:{digest}" for digest in digests} == {
            blob for each in built for blob in each.blobs
        }

    def test_saved_archive_has_all_references(self, tmp_path: Path) -> None:
        (built,) = images.build(["redis"])
        images.save([built], tmp_path / "images.tar")
        with tarfile.open(tmp_path / "images.tar") as archive:
            content = archive.extractfile("index.json")
            assert content
            manifests = json.load(content)["manifests"]
        names = [each["annotations"]["io.containerd.image.name"] for each in manifests]
        assert names == list(built.image.references)

    def test_what_is_there_is_not_imported_again(self) -> None:
        (built,) = images.build(["redis"])
        there = SEEN + "".join(self.entry(built, name) for name in built.image.references)
        asked = []

        def ctr(arguments: list[str]) -> str:
            asked.append(arguments)
            return there

        assert images.load([built], ctr) == []
        assert asked == [["images", "ls"]]

    def test_an_older_image_of_the_name_is_replaced(self) -> None:
        (built,) = images.build(["redis"])
        first, *others = built.image.references
        there = SEEN + "".join(self.entry(built, name) for name in others)
        old = self.entry(built, first).replace(built.digest, f"sha256:{'0' * 64}")
        assert images.load([built], lambda _: there + old) == [first]


class TestApplications:
    @pytest.mark.parametrize("version", images.CELERY_VERSIONS)
    def test_celery_is_the_version_of_the_name(self, open_image: Open, version: str) -> None:
        """And so is the kombu of its time; the packages of the pools and Flower are there."""
        program = "import celery, eventlet, flower, gevent, kombu, redis, jobs, tasks, orders.tasks"
        program += "; print(celery.__version__, kombu.__version__)"
        ended = open_image(f"tasks-{version}").run("python", "-c", program)
        assert ended.returncode == 0, ended.stdout
        # Before it, eventlet says that it is no longer recommended.
        shown = ended.stdout.splitlines()[-1]
        assert [word.rpartition(".")[0] for word in shown.split()] == [version, version]

    @pytest.mark.parametrize("name", ["shop", "django"])
    def test_migrates(self, open_image: Open, name: str) -> None:
        """The code and the migrations agree."""
        env = {"DATABASE_URL": "sqlite:////tmp/sqlite3", "SECRET_KEY": "only for tests"}
        both = "python manage.py makemigrations --check && python manage.py migrate"
        ended = open_image(name).run("sh", "-c", both, env=env)
        assert ended.returncode == 0, ended.stdout
        assert "No changes detected" in ended.stdout
        assert "0001_initial... OK" in ended.stdout

    def test_django_example_shows_what_the_worker_found(self, open_image: Open) -> None:
        program = """\
from django.core.management import call_command
import django
django.setup()
call_command("migrate", verbosity=0)
from django.test import Client
from config import app
app.conf.task_always_eager = True
sent = Client().post("/", {"value": "1001"})
print(sent.status_code, "7 · 11 · 13" in Client().get("/").content.decode())
print(Client().post("/", {"value": "0"}).status_code)
"""
        env = {
            "DATABASE_URL": "sqlite:////tmp/sqlite3",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "only for tests",
        }
        # Outside of a test case a row is committed at once, and the task sent.
        ended = open_image("django").run("python", "-c", program, env=env)
        assert ended.stdout == "302 True\n200\n"


class TestServices:
    def test_pause_ends_when_told(self, open_image: Open) -> None:
        with open_image("pause").start() as process:
            time.sleep(0.5)
            assert process.poll() is None
            process.terminate()
            assert process.wait(10) == 0

    @pytest.mark.parametrize("user", [999, 1234])
    def test_redis_answers_others_without_a_password(self, open_image: Open, user: int) -> None:
        script = "docker-entrypoint.sh --dir /tmp --daemonize yes >/dev/null; sleep 0.3; redis-cli"
        ended = open_image("redis").run(
            "sh", "-c", f"{script} ping; redis-cli config get protected-mode", user=user
        )
        assert ended.stdout.split() == ["PONG", "protected-mode", "no"]

    def test_redis_speaks_tls_and_has_sentinel(self, open_image: Open, tmp_path: Path) -> None:
        authority = Authority(tmp_path / "tls")
        authority.create("redis")
        authority.sign("server", "/CN=localhost", ["localhost"], ["127.0.0.1"])
        for file in [authority.folder, *authority.folder.iterdir()]:
            file.chmod(0o755)
        files = "--tls-cert-file /tls/server.crt --tls-key-file /tls/server.key"
        script = f"""\
docker-entrypoint.sh redis-server --dir /tmp --port 0 --tls-port 6379 {files} \\
  --tls-ca-cert-file /tls/ca.crt --tls-auth-clients no --daemonize yes > /dev/null
echo 'sentinel monitor main 127.0.0.1 6379 1' > /tmp/sentinel.conf
redis-sentinel /tmp/sentinel.conf --daemonize yes > /dev/null
sleep 0.5
redis-cli --tls --cacert /tls/ca.crt ping
redis-cli -p 26379 sentinel get-master-addr-by-name main
"""
        ended = open_image("redis").run("sh", "-c", script, mounts={"/tls": authority.folder})
        assert ended.stdout.split() == ["PONG", "127.0.0.1", "6379"]

    def test_exporter_refuses_options_that_the_original_lacks(self, open_image: Open) -> None:
        ended = open_image("exporter").run("--broker-url=redis://redis", "--quues=a")
        assert ended.returncode == 2
        assert "No such option '--quues'" in ended.stdout


class TestProduct:
    """The image of the top-level Dockerfile."""

    def test_builds_an_example(self, product: Container) -> None:
        """What it prints is what the project here prints."""
        example = ROOT / "examples" / "minimal"
        here = [sys.executable, "-m", "celery_kustomize", "build", "."]
        expected = subprocess.run(here, cwd=example, capture_output=True, text=True, check=True)
        ended = product.run("celery-kustomize", "build", ".", user=999, mounts={"/work": example})
        assert ended.stdout == expected.stdout
        assert ended.returncode == 0

    @pytest.mark.parametrize("program", ["git", "helm", "kubectl", "curl", "gcc", "go"])
    def test_has_no_program_that_it_does_not_need(self, product: Container, program: str) -> None:
        assert product.run("sh", "-c", f"command -v {program}", user=999).returncode == 127

    def test_first_process_reaps_what_others_left(self, product: Container) -> None:
        program = """\
import os, subprocess, time
left = subprocess.check_output(["sh", "-c", "sleep 0.1 > /dev/null & echo $!"], text=True).strip()
time.sleep(0.5)
print(os.path.exists(f"/proc/{left}"))
"""
        assert product.run("python3", "-c", program, user=999).stdout == "False\n"

    def test_says_what_it_is(self, product: Container) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        found = configuration(product.built)
        labels = found["Labels"]
        assert found["User"] == "999:999"
        assert labels["org.opencontainers.image.title"] == project["name"]
        assert labels["org.opencontainers.image.version"] == project["version"]
        assert labels["org.opencontainers.image.description"] == project["description"]
        assert labels["org.opencontainers.image.licenses"] == project["license"]

    def test_has_the_plugin_where_argo_cd_looks(self, product: Container) -> None:
        ended = product.run("cat", "/home/argocd/cmp-server/config/plugin.yaml", user=999)
        assert ended.stdout == (ROOT / "deploy" / "plugin.yaml").read_text("utf-8")
