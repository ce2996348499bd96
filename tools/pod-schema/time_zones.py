"""Make generator/celery_kustomize/k8s/time_zones.txt from the tz database that Go carries."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

OUTPUT = Path(__file__).resolve().parents[2] / "generator/celery_kustomize/k8s/time_zones.txt"


def main() -> None:
    """Write one zone name a line, sorted."""
    go = shutil.which("go")
    if go is None:
        sys.exit("time_zones.py: the go command is needed")
    done = subprocess.run([go, "env", "GOROOT"], check=True, capture_output=True, text=True)
    with zipfile.ZipFile(Path(done.stdout.strip()) / "lib/time/zoneinfo.zip") as database:
        names = [name for name in database.namelist() if not name.endswith("/")]
    # Factory means "no zone was set": a name of the database, never what someone wants.
    OUTPUT.write_text("\n".join(sorted(set(names) - {"Factory"})) + "\n", "utf-8")


if __name__ == "__main__":
    main()
