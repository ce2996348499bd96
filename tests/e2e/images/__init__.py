"""The container images of the test cluster: built here by buildah, none is pulled.

``table.py`` lists them. ``python -m tests.e2e.images`` builds what is missing into the user's cache
folder, keyed by all that goes in; ``load`` gives a containerd those that it lacks, ``save`` writes
an archive for another.
"""

from __future__ import annotations

from tests.e2e.images.buildah import BuildError
from tests.e2e.images.building import PACKAGES, MissingError, build
from tests.e2e.images.loading import load, save
from tests.e2e.images.store import Built, find
from tests.e2e.images.table import CELERY_VERSIONS, IMAGES, Image, image

__all__ = [
    "CELERY_VERSIONS",
    "IMAGES",
    "PACKAGES",
    "BuildError",
    "Built",
    "Image",
    "MissingError",
    "build",
    "built",
    "image",
    "load",
    "save",
]


def built() -> list[Built]:
    """Those of the images that are built already, as they are in the table now."""
    return [found for each in IMAGES if (found := find(each))]
