"""The cluster that the tests run on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e import cluster
from tests.e2e.brokers import MANIFESTS
from tests.e2e.cluster.layout import ADMIN_KUBECONFIG
from tests.e2e.commands import run
from tests.e2e.kubectl import Kubectl
from tests.e2e.tools import tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Render = Callable[[str], Path]

_CRDS = (
    "config/crd",  # KEDA
    "config/crd/standard",
    "example/prometheus-operator-crd",
    "helm/sealed-secrets/crds",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kubeconfig", help="run the tests on this cluster instead of one of our own")
    parser.addoption(
        "--keep-cluster",
        action="store_true",
        help="use the running cluster of `make cluster-up`, and let it run",
    )


@pytest.fixture(scope="session")
def own_cluster(request: pytest.FixtureRequest) -> Iterator[None]:
    """The cluster of this machine, for tests of the cluster itself."""
    if request.config.getoption("--kubeconfig"):
        pytest.skip("about the cluster that these tests start; this is another one")
    keep = request.config.getoption("--keep-cluster")
    if not (keep and cluster.is_up()):
        cluster.up()
    yield
    if not keep:
        cluster.down()


@pytest.fixture(scope="session")
def kubectl(request: pytest.FixtureRequest) -> Kubectl:
    """The cluster, with the kinds that the examples use beside Kubernetes' own."""
    given = request.config.getoption("--kubeconfig")
    if not given:
        request.getfixturevalue("own_cluster")
    kubectl = Kubectl(Path(given or ADMIN_KUBECONFIG).absolute())
    if not given:
        kubectl.apply_file(MANIFESTS / "storage-classes.yaml", {})
    for folder in _CRDS:
        source = Path(tool("crds").path(folder))
        how = "-k" if (source / "kustomization.yaml").exists() else "-f"
        kubectl("apply", "--server-side", "--force-conflicts", how, str(source))
    kubectl.wait_for_kinds()
    return kubectl


@pytest.fixture(scope="session")
def render(tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Renders the example of a name, as a user would, and gives the folder of applications."""

    def render_example(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        run(
            sys.executable,
            "-m",
            "celery_kustomize",
            "render",
            f"examples/{name}",
            "-o",
            str(folder),
        )
        return folder

    return render_example
