"""The shipped catalogue with what 2025 brings: two districts become one ward, a district joins its neighbour, the ward
becomes part of a larger one, a group, and a new goal.
"""

import datetime as dt
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path

from shared.domain.catalogue import Catalogue, load_catalogue
from shared.runtime.settings import ROOT

MERGED = dt.date(2025, 7, 1)
"""an-lao and hoai-an become an-hoa."""
JOINED = dt.date(2025, 7, 16)
"""van-canh joins tuy-phuoc, which stays."""
RAISED = dt.date(2025, 8, 1)
"""The goal of quy-nhon for target 1 goes from 6,589 to 7,000; all others stay."""
AGAIN = dt.date(2025, 10, 1)
"""an-hoa becomes north."""

CHANGES = {
    "an-lao": 'valid_until = 2025-07-01\nparent = "an-hoa"',
    "hoai-an": 'valid_until = 2025-07-01\nparent = "an-hoa"',
    "van-canh": 'valid_until = 2025-07-16\nparent = "tuy-phuoc"',
    "quy-nhon": 'parent = "cluster"',
}
ADDED = """
[[units]]
code = "an-hoa"
name_vi = "Đoàn phường An Hòa"
name_en = "An Hoa Ward Union"
sub_units = 38
leader = "an-hoa@dean5299.example.vn"
valid_from = 2025-07-01
valid_until = 2025-10-01
parent = "north"

[[units]]
code = "north"
name_vi = "Đoàn phường Bắc"
name_en = "North Ward Union"
sub_units = 40
valid_from = 2025-10-01
parent = "cluster"

[[units]]
code = "cluster"
name_vi = "Cụm thi đua số 1"
name_en = "Cluster 1"
sub_units = 0
group = true
"""


def write_merged(folder: Path) -> Path:
    """The catalogue as a folder of files, in `folder`."""
    made = folder / "merged-catalogue"
    shutil.copytree(ROOT / "deploy" / "catalogue", made)
    units = made / "units.toml"
    text = units.read_text(encoding="utf-8")
    for code, lines in CHANGES.items():
        text = text.replace(f'code = "{code}"\n', f'code = "{code}"\n{lines}\n')
    units.write_text(text + ADDED, encoding="utf-8")
    targets = made / "targets.toml"
    text = targets.read_text(encoding="utf-8")
    text = text.replace('goals."2022-01-01"]\n', 'goals."2022-01-01"]\nan-hoa = 3000\nnorth = 3000\n')
    text = text.replace("north = 3000\n", "", 1)
    first = re.search(r'\[targets\.goals\."2022-01-01"\]\n((?:\S.*\n)+)', text)
    assert first is not None
    gone = re.compile(r"^(an-lao|hoai-an|van-canh) = .*\n", re.MULTILINE)
    renewed = gone.sub("", first[1]).replace("quy-nhon = 6589", "quy-nhon = 7000\nnorth = 3000")
    text = text[: first.end()] + f'[targets.goals."2025-08-01"]\n{renewed}' + text[first.end() :]
    targets.write_text(text, encoding="utf-8")
    return made


@cache
def merged() -> Catalogue:
    with tempfile.TemporaryDirectory() as folder:
        return load_catalogue(write_merged(Path(folder)))
