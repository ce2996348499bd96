"""Make generator/celery_kustomize/rules/celery_settings.json from releases of Celery.

Needs network access to the Python package index (pip download). Run it with the project's Python,
in which the newest Celery is installed, from anywhere.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from celery.app import defaults

OLDER = ("5.2.7", "5.3.6", "5.4.0", "5.5.3", "5.6.2")
NEWEST = "5.7"
OUTPUT = Path(__file__).resolve().parents[2] / (
    "generator/celery_kustomize/rules/celery_settings.json"
)


def settings_of(version: str, folder: Path) -> set[str]:
    """Names of the settings that a release of Celery knows."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*command, "--dest", str(folder), f"celery=={version}"], check=True)
    wheel = next(folder.glob(f"celery-{version}-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extract("celery/app/defaults.py", folder / version)
    path = folder / version / "celery/app/defaults.py"
    spec = importlib.util.spec_from_file_location(f"defaults_{version}", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name for name, _ in module.flatten(module.NAMESPACES)}


def first_versions() -> dict[str, str]:
    """The release in which each setting was first seen; "" for those of the oldest one."""
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, version in enumerate(OLDER):
            since = version.rpartition(".")[0] if number else ""
            for name in settings_of(version, Path(folder)):
                found.setdefault(name, since)
    return found


def main() -> None:
    """Write the file: type and first version of each setting, and the names before Celery 4."""
    since = first_versions()
    settings: dict[str, Any] = {}
    old: dict[str, str] = {}
    for name, option in defaults.flatten(defaults.NAMESPACES):
        kind = option.type if isinstance(option.type, str) else option.type.__name__
        settings[name] = [kind, since.get(name, NEWEST)]
        previous = defaults._TO_OLD_KEY[name]  # noqa: SLF001
        if previous != name.upper():
            old[previous] = name
    result = {"settings": dict(sorted(settings.items())), "old": dict(sorted(old.items()))}
    text = json.dumps(result, indent=1)
    OUTPUT.write_text(
        text.replace('[\n   "', '["').replace('",\n   "', '", "').replace('"\n  ]', '"]') + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
