"""The objects of a kind, as the API server has them now."""

from __future__ import annotations

import http.client
import json
import logging
import ssl
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.network_policy.ruleset import Object

__all__ = ["Mirror", "Server"]

# A watch ends after so long, and the next one starts with a new list.
_WATCH_SECONDS = 600
_PAUSE = 0.5

_log = logging.getLogger(__name__)


class Server:
    """An API server, by a kubeconfig of ``tests/e2e/cluster/users.py``."""

    def __init__(self, kubeconfig: Path) -> None:
        """Nothing is asked yet."""
        content = json.loads(kubeconfig.read_text(encoding="utf-8"))
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        self._address = urlsplit(cluster["server"]).netloc
        self._context = ssl.create_default_context(cafile=cluster["certificate-authority"])
        self._headers = {"Authorization": f"Bearer {user['token']}"}

    def states(self, path: str) -> Iterator[dict[str, Object]]:
        """The objects of a collection by their UIDs: all there are, again after each change.

        It ends when the API server ends the watch.

        Raises:
            OSError: no connection, or no longer.
            http.client.HTTPException: the same.
            ValueError: it answered something else.
        """
        connection = http.client.HTTPSConnection(
            self._address, context=self._context, timeout=_WATCH_SECONDS + 30
        )
        with closing(connection):
            found = json.load(self._get(connection, path))
            objects = {each["metadata"]["uid"]: each for each in found["items"]}
            yield objects
            version = found["metadata"]["resourceVersion"]
            since = {"watch": 1, "resourceVersion": version, "timeoutSeconds": _WATCH_SECONDS}
            for line in self._get(connection, f"{path}?{urlencode(since)}"):
                objects = _after(objects, json.loads(line))
                yield objects

    def _get(self, connection: http.client.HTTPSConnection, path: str) -> http.client.HTTPResponse:
        connection.request("GET", path, headers=self._headers)
        response = connection.getresponse()
        if response.status != 200:
            raise ValueError(f"{path}: {response.status} {response.reason}")
        return response


def _after(objects: dict[str, Object], event: dict[str, Any]) -> dict[str, Object]:
    """A new dictionary: another thread may be reading the old one."""
    changed = event["object"]
    if event["type"] == "ERROR":
        raise ValueError(changed.get("message"))
    uid = changed["metadata"]["uid"]
    others = {key: each for key, each in objects.items() if key != uid}
    return others if event["type"] == "DELETED" else {**others, uid: changed}


class Mirror:
    """The objects of a collection, kept as they are by a thread that runs ``follow``."""

    def __init__(self, server: Server, path: str, changed: threading.Event) -> None:
        """``changed`` is set whenever ``objects`` may have changed."""
        self._server = server
        self._path = path
        self._changed = changed
        self.objects: dict[str, Object] | None = None
        """None before the first list."""
        self.follows = False
        """Whether ``objects`` are as new as can be."""

    def follow(self) -> None:
        """Watch the collection for ever; without an API server, wait for one."""
        while True:
            try:
                for objects in self._server.states(self._path):
                    self.objects = objects
                    self.follows = True
                    self._changed.set()
            except (OSError, http.client.HTTPException, ValueError) as error:
                _log.warning("%s: %s", self._path, error)
            self.follows = False
            time.sleep(_PAUSE)
