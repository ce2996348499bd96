"""Ask a component of the cluster over HTTP whether it is well."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from typing import Any

from tests.e2e.cluster.certificates import AUTHORITY

__all__ = ["answers"]


def answers(url: str, token: str = "") -> bool:
    """Whether a GET gives status 200. https needs the cluster's authority on the other side."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)
    options: dict[str, Any] = {}
    if url.startswith("https:"):
        options["context"] = ssl.create_default_context(cafile=AUTHORITY)
    try:
        # Nothing of the machine's proxy settings: these addresses are its own.
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            *([urllib.request.HTTPSHandler(**options)] if options else []),
        )
        with opener.open(request, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
