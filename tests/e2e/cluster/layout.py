"""Where everything of the cluster is: files, addresses, names.

One state folder outside the clone, since only one cluster fits a machine; a short one, since a
socket's path has at most 107 bytes.
"""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "ADMIN_KUBECONFIG",
    "API_SERVER",
    "BRIDGE",
    "CLUSTER_DOMAIN",
    "CONTAINERD_SOCKET",
    "DNS_ADDRESS",
    "LOGS",
    "NODE",
    "NODE_ADDRESS",
    "PKI",
    "PODS",
    "RUN",
    "SERVICES",
    "SERVICE_ADDRESS",
    "STATE",
    "SYSTEM_NAMESPACE",
]

STATE = Path("/var/lib/ck-cluster")
RUN = STATE / "run"  # gone after the cluster is down
PKI = RUN / "pki"
LOGS = STATE / "logs"  # kept until the next start, and so are containerd's images
CONTAINERD_SOCKET = RUN / "containerd.sock"
ADMIN_KUBECONFIG = STATE / "kubeconfig"

NODE = "ck-node"
BRIDGE = "ck0"
NODE_ADDRESS = "10.244.0.1"  # on the bridge, so that pods reach what listens there
PODS = "10.244.0.0/24"
SERVICES = "10.96.0.0/16"
SERVICE_ADDRESS = "10.96.0.1"  # of the Service default/kubernetes
DNS_ADDRESS = "10.96.0.10"
CLUSTER_DOMAIN = "cluster.local"
API_SERVER = f"https://{NODE_ADDRESS}:6443"
SYSTEM_NAMESPACE = "kube-system"
