"""containerd with runc, and the images that pods run."""

from __future__ import annotations

from tests.e2e import images
from tests.e2e.cluster import leftovers
from tests.e2e.cluster.component import Component
from tests.e2e.cluster.layout import CONTAINERD_SOCKET, RUN, STATE
from tests.e2e.cluster.network import CNI_CONFIGURATION
from tests.e2e.commands import CommandError, run

__all__ = ["Containerd", "ctr", "load_images"]

_CONFIGURATION = RUN / "containerd.toml"
# Version 2 is what containerd 1.6, Debian 12's, reads. Raising oom_score_adj above a parent's is
# what a user without CAP_SYS_RESOURCE may do, lowering it is not.
_CONTENT = f"""\
version = 2
root = "{STATE}/containerd"
state = "{RUN}/containerd"
oom_score = 0
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
address = "{CONTAINERD_SOCKET}"

[plugins."io.containerd.internal.v1.opt"]
path = "{STATE}/containerd/opt"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/pause:1"
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{CNI_CONFIGURATION}"
"""


class Containerd(Component):
    """The container runtime. Its images outlive the cluster, its containers do not."""

    name = "containerd"

    def prepare(self) -> None:
        """Write its configuration."""
        _CONFIGURATION.write_text(_CONTENT, encoding="utf-8")

    def command(self) -> list[str]:
        """The rest is in its configuration file."""
        return ["containerd", f"--config={_CONFIGURATION}"]

    def is_ready(self) -> bool:
        """Whether it answers on its socket."""
        try:
            return bool(ctr("version"))
        except CommandError:
            return False

    def after_start(self) -> None:
        """Give it the images that are built and that it does not have yet."""
        load_images()

    def clean_up(self) -> None:
        """End the containers, which outlive it, and undo their mounts."""
        leftovers.end_containers()
        leftovers.unmount_below(STATE)


def ctr(*arguments: str) -> str:
    """Run containerd's client in the namespace of Kubernetes' images and containers."""
    return run("ctr", f"--address={CONTAINERD_SOCKET}", "--namespace=k8s.io", *arguments)


def load_images() -> list[str]:
    """Give it the images that are built and that it does not have yet; give their names."""
    return images.load(images.built(), lambda arguments: ctr(*arguments))
