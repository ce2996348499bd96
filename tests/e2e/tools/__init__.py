"""The programs of the test cluster, each from its Go module in a folder of this one.

A folder's go.mod pins the versions; programs are built once for each state of it, into the user's
cache folder. Manifests that come with a module are copied beside its programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools import go_programs

__all__ = ["TOOLS", "Tool", "tool"]


@dataclass(frozen=True)
class Tool:
    """A Go module in the folder ``name``.

    ``module`` is the one whose version it is about. ``stamps`` are linker variables with what they
    are set to, where ``{version}`` is that version without its ``v``: programs take their own from
    release builds. ``files`` are folders and files to copy, by the module that they come from.
    """

    name: str
    module: str
    stamps: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    @property
    def source(self) -> Path:
        """The folder with go.mod."""
        return Path(__file__).with_name(self.name)

    @property
    def version(self) -> str:
        """The version of ``module`` that go.mod pins, such as ``1.34.4``."""
        lines = (self.source / "go.mod").read_text(encoding="utf-8").splitlines()
        words = [line.removeprefix("require ").split() for line in lines]
        return next(word[1].removeprefix("v") for word in words if word and word[0] == self.module)

    @property
    def linker_flags(self) -> str:
        """What stamps the version into the programs."""
        return " ".join(f"-X={stamp.format(version=self.version)}" for stamp in self.stamps)

    @property
    def folder(self) -> Path:
        """Where its programs and files are, once built."""
        return go_programs.programs(self.source, f"{self.linker_flags}{self.files or ''}")

    def path(self, name: str) -> str:
        """The path of one of its programs or files."""
        return str(self.folder / name)


_KUBERNETES_VERSION = "k8s.io/component-base/version."

# In the order in which they are built: what the cluster itself needs comes first.
TOOLS = (
    Tool("etcd", "go.etcd.io/etcd/server/v3"),
    Tool(
        "kubernetes",
        "k8s.io/kubernetes",
        # Without a version kubectl and kubelet take each other for incompatible.
        stamps=(
            f"{_KUBERNETES_VERSION}gitVersion=v{{version}}",
            f"{_KUBERNETES_VERSION}gitMajor=1",
            f"{_KUBERNETES_VERSION}gitMinor=34",
            f"{_KUBERNETES_VERSION}gitTreeState=clean",
        ),
    ),
    Tool("coredns", "github.com/coredns/coredns"),
    Tool("metrics-server", "sigs.k8s.io/metrics-server"),
    Tool(
        "crds",
        "sigs.k8s.io/gateway-api",
        files=(
            (
                "sigs.k8s.io/gateway-api",
                "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
            ),
            (
                "github.com/prometheus-operator/prometheus-operator",
                "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
            ),
            ("github.com/bitnami-labs/sealed-secrets", "helm/sealed-secrets/crds"),
            ("github.com/kedacore/keda/v2", "config/crd"),
        ),
    ),
    Tool(
        "argocd",
        "github.com/argoproj/argo-cd/v3",
        stamps=("github.com/argoproj/argo-cd/v3/common.version={version}",),
        files=(
            ("github.com/argoproj/argo-cd/v3", "manifests/base"),
            ("github.com/argoproj/argo-cd/v3", "manifests/cluster-rbac"),
            ("github.com/argoproj/argo-cd/v3", "manifests/core-install"),
            ("github.com/argoproj/argo-cd/v3", "manifests/crds"),
            ("github.com/argoproj/argo-cd/v3", "hack/git-verify-wrapper.sh"),
            ("github.com/argoproj/argo-cd/v3", "hack/gpg-wrapper.sh"),
        ),
    ),
)


def tool(name: str) -> Tool:
    """The tool of that name.

    Raises:
        KeyError: there is none.
    """
    return {each.name: each for each in TOOLS}[name]
