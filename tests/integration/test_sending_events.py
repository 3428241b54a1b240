"""docs/sending-events.md does what it says: every snippet runs against the real services and prints what is shown."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.contracts.ingest import Code
from shared.http.keys import load_keys
from shared.runtime.settings import ROOT
from tests.support import log_reader as published
from tests.support.bearer import TOKEN
from tests.support.node import node_folder
from tests.support.processes import System
from tests.support.programs import require_program
from tests.support.sample_events import DATA, catalogue
from tests.support.waiting import wait_until

PAGE = (ROOT / "docs" / "sending-events.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Reader:
    """Somebody who follows the page: their folder, the system they send to, and what they typed so far."""

    folder: Path
    system: System
    typed: str = ""

    def run(self, language: str, code: str) -> str:
        """What a snippet prints; shell snippets run after the first, which sets the addresses."""
        for name, address in (("8001", self.system.ingest.url), ("8002", self.system.metrics.url)):
            code = code.replace(f"http://127.0.0.1:{name}", address)
        if language == "sh":
            self.typed = self.typed or code
            return self._output([require_program("bash"), "-euo", "pipefail", "-c", f"{self.typed}\n{code}"])
        if language == "python":
            return self._output([sys.executable, "-W", "error", "-c", code])
        script = self.folder / "snippet.mjs"
        script.write_text(code)
        return self._output([require_program("node"), str(script)])

    def _output(self, command: list[str]) -> str:
        addresses = {"INGEST": self.system.ingest.url, "METRICS": self.system.metrics.url, "KEY": TOKEN}
        ended = subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | addresses,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def wait_counted(self) -> None:
        logged = sum(len(entry.times) for rows in published.entries(self.system.valkey.url).values() for entry in rows)
        wait_until(lambda: self.system.metrics.metric("pulse_metrics_counted_total") >= logged, "all is counted")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    for program in ("bash", "curl", "openssl", "sha256sum"):
        require_program(program)
    folder = node_folder(tmp_path)
    (folder / "try").mkdir()
    (folder / "try" / "dev-key").write_text(TOKEN + "\n")
    with System(tmp_path) as system:
        system.start()
        yield Reader(folder, system)


def test_every_snippet_does_what_the_page_says(reader: Reader) -> None:
    blocks = [(match[1], match[2]) for match in BLOCK.finditer(PAGE)]
    assert {language for language, _ in blocks} == {"console", "sh", "python", "javascript", "json", "text"}
    printed = ""
    for language, content in blocks:
        if language in ("sh", "python", "javascript"):
            reader.wait_counted()
            printed = reader.run(language, content)
        elif language == "json":
            assert json.loads(printed) == json.loads(content)
        elif language == "text":
            assert printed == content
    reader.wait_counted()
    check_figures(reader.system)
    check_key(reader)


def check_figures(system: System) -> None:
    """One of each type counts on its day, and its end is counted on the day after."""

    def figures(as_of: str) -> dict[str, int]:
        rows = system.metrics.get("/v1/measures", as_of=as_of)["rows"]
        return {row["measure"]: row["value"] for row in rows if row["unit"] == "quy-nhon" and row["value"]}

    one_of_each = dict.fromkeys(
        ("member_accounts", "transacted_accounts", "supported_dossiers", "articles", "households"), 1
    )
    assert figures("2023-06-30") == one_of_each
    assert figures("2023-07-01") == {"households": 1}
    rows = system.metrics.get("/v1/measures", as_of="2023-07-01")["rows"]
    found = {(row["measure"], row["unit"]): row["value"] for row in rows if row["value"]}
    assert found == {
        ("households", "quy-nhon"): 1,
        ("households", "van-canh"): 2,
        ("member_accounts", "an-nhon"): 3,
        ("resident_accounts", "an-nhon"): 1,
        ("articles", "tuy-phuoc"): 1,
    }


def check_key(reader: Reader) -> None:
    """The key made by the snippet opens the door for what its scope says."""
    ring = load_keys(reader.folder / "keys.toml", catalogue())
    file = reader.folder / "igate-key"
    found = ring.find(file.read_text().strip())
    assert found is not None
    assert (found.name, sorted(found.types)) == ("igate", ["dossier.filed", "dossier.withdrawn"])
    assert file.stat().st_mode & 0o077 == 0


def test_every_code_and_type_has_its_row() -> None:
    for code in Code:
        assert re.search(rf"^\| `{code}` \| \S.* \| \S.* \|$", PAGE, re.MULTILINE), code
    for name in DATA:
        assert re.search(rf"^\| `{name}` \| \S.* \| \S.* \|$", PAGE, re.MULTILINE), name
    assert re.findall(r"^\| `(\w+\.\w+)` \|", PAGE, re.MULTILINE) == list(DATA)
    assert set(re.findall(r"^\| `([a-z]+_[a-z_]+)` \| .* \| .* \|$", PAGE, re.MULTILINE)) == set(Code)


def test_the_page_knows_every_attribute_that_data_may_carry() -> None:
    kinds = catalogue().kinds.values()
    for type_ in (event for kind in kinds for event in (kind.begin, kind.step, kind.end) if event):
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{type_.type}` |"))
        for name, allowed in type_.data.items():
            assert f"`{name}`" in row
            for choice in allowed if isinstance(allowed, list) else []:
                assert f"`{str(choice).lower() if isinstance(choice, bool) else choice}`" in row
