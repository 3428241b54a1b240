"""The Node.js packages the tests need, installed from their lock."""

import shutil
import subprocess
from pathlib import Path

from tests.support.programs import require_program

SOURCES = Path(__file__).parents[1] / "javascript"


def node_folder(folder: Path) -> Path:
    """A copy of tests/javascript in `folder` with its packages installed."""
    require_program("node")
    npm = require_program("npm")
    copy = folder / "javascript"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=copy,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return copy


def run_node(folder: Path, script: str, environment: dict[str, str]) -> str:
    """What `script` in `folder` prints; its errors are this test's errors."""
    ended = subprocess.run(
        [require_program("node"), script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
