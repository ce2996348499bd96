"""``python -m tests.e2e.network_policy``: the loop between the API server and nft(8)."""

from __future__ import annotations

import argparse
import http.server
import logging
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.network_policy.api import Mirror, Server
from tests.e2e.network_policy.ruleset import Network, ruleset

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tests.e2e.network_policy.ruleset import Object

    Objects = Collection[Object]

_COLLECTIONS = (
    "/api/v1/pods",
    "/api/v1/namespaces",
    "/apis/networking.k8s.io/v1/networkpolicies",
)
# Changes that come together are one change of the rules.
_PAUSE = 0.1


class Controller:
    """Keeps the kernel's rules as the cluster's objects want them.

    It computes them as a whole from what there is now, so that it does not matter what it missed.
    When it ends, the rules stay as they are.
    """

    def __init__(self, server: Server, network: Network) -> None:
        """Nothing is asked or written yet."""
        self._network = network
        self._changed = threading.Event()
        self._mirrors = [Mirror(server, path, self._changed) for path in _COLLECTIONS]
        self._written = ""
        self._settled = False

    def is_ready(self) -> bool:
        """Whether the rules are those for the objects that the API server has."""
        following = all(each.follows for each in self._mirrors)
        return following and self._settled and not self._changed.is_set()

    def run(self) -> None:
        """Never ends.

        Raises:
            subprocess.CalledProcessError: nft refuses the rules.
        """
        for each in self._mirrors:
            threading.Thread(target=each.follow, daemon=True).start()
        while True:
            self._changed.wait()
            self._settled = False
            self._changed.clear()
            lists = [each.objects.values() for each in self._mirrors if each.objects is not None]
            if len(lists) == len(self._mirrors):
                self._write(*lists)
                self._settled = True
            time.sleep(_PAUSE)

    def _write(self, pods: Objects, namespaces: Objects, policies: Objects) -> None:
        text = ruleset(pods, namespaces, policies, self._network)
        if text != self._written:
            subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)
            self._written = text
            logging.info("rules for %d policies and %d pods", len(policies), len(pods))


def _serve(is_ready: Callable[[], bool], port: int) -> None:
    """Answer 200 to any GET when ready, else 503."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if is_ready() else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody wants to read it."""

    server = http.server.HTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, args=[3600], daemon=True).start()


def main() -> None:
    """Run until ended by a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.network_policy")
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--pods", required=True, help="the pods' network, such as 10.244.0.0/24")
    parser.add_argument("--dns", required=True, help="the node's address where DNS is served")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1: 200 when ready")
    given = parser.parse_args()
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    controller = Controller(Server(given.kubeconfig), Network(given.pods, given.dns))
    _serve(controller.is_ready, given.port)
    controller.run()


if __name__ == "__main__":
    main()
