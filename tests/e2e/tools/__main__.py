"""Build what is missing of the test cluster's programs: ``python -m tests.e2e.tools [TOOL...]``.

One after the other: two of these builds at once want more memory and no less time.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.e2e.tools import TOOLS, Tool
from tools import go_programs


def _module_folder(go: str, source: Path, module: str) -> Path:
    """Where Go keeps the module that ``source`` requires, fetched if need be."""
    subprocess.run([go, "mod", "download", module], cwd=source, check=True)
    command = [go, "list", "-m", "-f", "{{.Dir}}", module]
    ended = subprocess.run(command, cwd=source, check=True, stdout=subprocess.PIPE, text=True)
    return Path(ended.stdout.strip())


def _copy_files(go: str, tool: Tool, target: Path) -> None:
    for module, name in tool.files:
        folder = _module_folder(go, tool.source, module)
        found = folder / name
        for file in (
            [found] if found.is_file() else (each for each in found.rglob("*") if each.is_file())
        ):
            copy = target / file.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
            copy.chmod(0o755)


def _build(go: str, tool: Tool) -> None:
    go_programs.build(
        go,
        tool.source,
        tool.folder,
        tool.linker_flags,
        lambda folder: _copy_files(go, tool, folder),
    )


def main(names: list[str]) -> int:
    """Build the tools of these names, or all; 2 when that is impossible."""
    unknown = set(names) - {tool.name for tool in TOOLS}
    go = shutil.which("go")
    if unknown or not go:
        known = ", ".join(tool.name for tool in TOOLS)
        why = (
            f"no tool {', '.join(sorted(unknown))}: there are {known}" if unknown else "install Go"
        )
        print(f"error: {why}", file=sys.stderr)
        return 2
    for tool in TOOLS:
        if names and tool.name not in names:
            continue
        if tool.folder.is_dir():
            print(f"{tool.name} {tool.version}: {tool.folder}", flush=True)
            continue
        print(f"{tool.name} {tool.version}: building ...", flush=True)
        started = time.monotonic()
        try:
            _build(go, tool)
        except go_programs.BuildError:
            version = go_programs.go_version(tool.source)
            print(f"error: building {tool.name} failed (above); it needs Go {version} or later and"
                  " the Go module proxy", file=sys.stderr)  # fmt: skip
            return 2
        print(f"{tool.name} {tool.version}: {time.monotonic() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
