"""The console starts without uvloop, which has no build for Windows."""

import re
import subprocess
import sys

import pytest

from shared.runtime.settings import ROOT


def test_the_console_needs_no_uvloop() -> None:
    program = "import sys; sys.modules['uvloop'] = None; import services.cli.main"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


@pytest.mark.parametrize("file", ["requirements.lock", "deploy/requirements.lock"])
def test_uvloop_is_locked_for_other_systems_alone(file: str) -> None:
    assert re.search(r"^uvloop==\S+ ; sys_platform != 'win32' ", (ROOT / file).read_text(), re.MULTILINE)
