"""Every image of the tests, and what it is a stand-in for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.tools import tool

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BASES", "CELERY_VERSIONS", "IMAGES", "ROOT", "Image", "image"]

ROOT = Path(__file__).resolve().parents[3]
"""The repository."""

_HERE = "tests/e2e/images"


@dataclass(frozen=True)
class Image:
    """An image that is built from the folder ``folder`` of the repository.

    ``references`` are the names by which specs, or the FROM lines of other images, call it.
    ``bases`` are the images in its own FROM lines, by their short names. ``locks`` are the lock
    files whose wheels the build finds in ``/wheels``, from the root of the repository.
    ``tools`` are files of the cluster's tools that the build finds in the folder ``tools``, each as
    the tool's name and its path there. ``networked`` builds install Debian's packages; all others
    have no network. ``go`` builds find the host's Go toolchain, its build cache, and the modules of
    ``go_modules``.
    """

    name: str
    stands_for: str
    folder: str
    references: tuple[str, ...]
    bases: tuple[str, ...] = ()
    containerfile: str = "Containerfile"
    arguments: Mapping[str, str] = field(default_factory=dict)
    locks: tuple[str, ...] = ()
    tools: tuple[tuple[str, str], ...] = ()
    networked: bool = False
    go: bool = False
    go_modules: str = ""


BASES = (
    Image(
        "debian",
        "the official Debian 12, of the same packages and a few more",
        f"{_HERE}/bases/debian",
        ("docker.io/library/debian:bookworm-slim",),
    ),
    Image(
        "python",
        "the official Python image; Debian's Python of the same minor version",
        f"{_HERE}/bases/python",
        ("docker.io/library/python:3.11-slim-bookworm",),
        bases=("debian",),
        networked=True,
    ),
    Image(
        "golang",
        "the official Go image; the toolchain is the host's",
        f"{_HERE}/bases/golang",
        ("docker.io/library/golang:1.26-bookworm",),
        bases=("python",),
    ),
)
"""What the images start from. They are not loaded into a cluster."""

CELERY_VERSIONS = ("5.3", "5.5", "5.7")
"""The oldest line that is supported, one between, and the newest."""


def _tasks(version: str, *references: str) -> Image:
    """The application of examples/minimal and examples/rabbitmq, with that Celery."""
    return Image(
        f"tasks-{version}",
        f"an application with Celery {version}, Flower, gevent and eventlet",
        f"{_HERE}/apps/tasks",
        (f"localhost/tasks:{version}", *references),
        bases=("python",),
        arguments={"CELERY": version},
        locks=(f"{_HERE}/apps/tasks/requirements/celery-{version}.txt",),
    )


IMAGES = (
    Image(
        "pause",
        "registry.k8s.io/pause: what holds a pod's namespaces",
        f"{_HERE}/services/pause",
        ("localhost/pause:1",),
        bases=("golang",),
        go=True,
    ),
    Image(
        "redis",
        "the official Redis 7.4; Debian's Redis 7.0 with its server, client and Sentinel",
        f"{_HERE}/services/redis",
        (
            "docker.io/library/redis:7.4",
            "jp.icr.io/mirror/library/redis:7.4",
            "jp.icr.io/demo/library/redis:7.4",
        ),
        bases=("debian",),
        networked=True,
    ),
    _tasks("5.3"),
    _tasks("5.5"),
    _tasks("5.7", "registry.example.com/tasks:1.0", "registry.example.com/orders:2.3.0"),
    Image(
        "shop",
        "the Django application of examples/shop, with Celery 5.5",
        f"{_HERE}/apps/shop",
        ("jp.icr.io/shop/app:1.4.1", "jp.icr.io/shop/app:1.4.2"),
        bases=("tasks-5.5",),
        locks=(f"{_HERE}/apps/shop/requirements.txt",),
    ),
    Image(
        "django",
        "the application of examples/ibm-cloud: what its own Dockerfile builds",
        "examples/ibm-cloud/app",
        ("jp.icr.io/demo/myapp:1.0.0",),
        bases=("python",),
        containerfile="Dockerfile",
        locks=("examples/ibm-cloud/app/requirements.txt",),
    ),
    Image(
        "git",
        "a Git server over HTTP; nothing official",
        f"{_HERE}/services/git",
        ("localhost/git:1",),
        bases=("python",),
        networked=True,
    ),
    Image(
        "celery-kustomize",
        "this project, as its Dockerfile makes it",
        ".",
        ("docker.io/library/celery-kustomize:0.1.0",),
        bases=("python", "golang"),
        containerfile="Dockerfile",
        arguments={"GOPROXY": "file:///go-modules"},
        locks=("requirements/runtime.txt", "requirements/build.txt"),
        networked=True,
        go=True,
        go_modules="tools/kustomize",
    ),
    Image(
        "exporter",
        "celery-exporter 0.12, which no package registry has: a program of ours, much smaller",
        f"{_HERE}/services/exporter",
        (
            "ghcr.io/danihodovic/celery-exporter:0.12.2",
            "jp.icr.io/mirror/danihodovic/celery-exporter:0.12.2",
            "registry.example.com/mirror/danihodovic/celery-exporter:0.12.2",
        ),
        bases=("tasks-5.5",),
    ),
    Image(
        "rabbitmq",
        "the official RabbitMQ with its management plugin; Debian's RabbitMQ 3.10",
        f"{_HERE}/services/rabbitmq",
        ("docker.io/library/rabbitmq:3.13-management",),
        bases=("python",),
        networked=True,
    ),
    Image(
        "argocd",
        "Argo CD without its API server and command line, of the same version",
        f"{_HERE}/services/argocd",
        (f"quay.io/argoproj/argocd:v{tool('argocd').version}",),
        bases=("git", "celery-kustomize"),
        tools=(
            ("argocd", "argocd"),
            ("argocd", "hack/git-verify-wrapper.sh"),
            ("argocd", "hack/gpg-wrapper.sh"),
        ),
    ),
    Image(
        "postgresql",
        "the official PostgreSQL 15; Debian's PostgreSQL 15",
        f"{_HERE}/services/postgresql",
        ("docker.io/library/postgres:15",),
        bases=("debian",),
        networked=True,
    ),
)
"""What a cluster needs, in the order in which they are built."""


def image(name: str) -> Image:
    """The image of that short name.

    Raises:
        KeyError: there is none.
    """
    return {each.name: each for each in (*BASES, *IMAGES)}[name]
