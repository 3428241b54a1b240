"""Read a file of any kind as sheets, in a process of its own with bounded memory and time.

A small file can unpack into more than a machine holds, and a reader written in another language can end its process;
neither may end the one that sends.
"""

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from services.sender.imports.cells import text
from services.sender.imports.sheets import SHEET_HEADER, Sheet, UnreadableError
from services.sender.imports.text_files import read_text_file
from services.sender.imports.workbooks import read_workbook

_MEMORY = 2 * 2**30
_SECONDS = 300.0
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x09\x08", b"\x09\x04", b"\x09\x02")
"""How .xlsx, .xlsb and .ods, and how .xls of all times begin."""

_TEXTS = (".csv", ".tsv", ".txt", ".xls")
"""Names of files that may hold plain text; programs name their exports .xls to have Excel open them."""

_BIGGEST = 2**28


def read_sheets(file: Path, *, memory: int = _MEMORY, seconds: float = _SECONDS) -> list[Sheet]:
    """The sheets of a workbook or the one of a CSV file, whatever the file's name says; hidden ones without rows.

    Raises:
        UnreadableError: it is neither, has a password or an unknown encoding, or needs more than `memory` or `seconds`.
    """
    command = [sys.executable, "-P", "-m", "services.sender.imports.reading", str(file), str(memory)]
    try:
        # The command is our own interpreter, and what it answers is our own pickle.
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise UnreadableError(f"{file} takes too long to read: {_COPY}") from error
    if done.returncode:
        raise UnreadableError(f"{file} needs too much memory, or is damaged: {_COPY}")
    answer: list[Sheet] | str = pickle.loads(done.stdout)  # noqa: S301
    if isinstance(answer, str):
        raise UnreadableError(answer)
    return answer


_COPY = "open it in Excel and copy the table into a new workbook"


def read_here(file: Path) -> list[Sheet]:
    """As `read_sheets`, in this process."""
    return [_renamed(sheet) for sheet in _sheets(file)]


def _renamed(sheet: Sheet) -> Sheet:
    """The sheet under the name that a file of refused rows has for it, whatever format the file was saved in."""
    beginning = [[text(cell) if isinstance(cell, str) else "" for cell in row] for row in sheet.rows[:2]]
    if len(beginning) < 2 or SHEET_HEADER not in beginning[0]:
        return sheet
    column = beginning[0].index(SHEET_HEADER)
    name = beginning[1][column] if column < len(beginning[1]) else ""
    return replace(sheet, name=name or sheet.name)


def _sheets(file: Path) -> list[Sheet]:
    if file.stat().st_size > _BIGGEST:
        raise UnreadableError(f"{file} is too large: {_COPY}")
    content = file.read_bytes()
    beginning = content[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if content.startswith(_WORKBOOKS):
        return read_workbook(str(file), content)
    if beginning.startswith(b"%pdf"):
        raise UnreadableError(f"{file} is a PDF: import the spreadsheet it was made from")
    if beginning.startswith((b"<", b"mime-version:")):
        raise UnreadableError(f"{file} is a web page, whatever its name says: open it in Excel and save it as .xlsx")
    if not content or file.suffix.casefold() not in _TEXTS:
        if file.suffix.casefold() in _TEXTS[:3]:
            return [Sheet(file.stem, [])]
        raise UnreadableError(f"{file} is not a readable workbook: save it as .xlsx or .csv")
    return [read_text_file(str(file), content)]


def _answer(file: Path) -> list[Sheet] | str:
    try:
        return read_here(file)
    except (UnreadableError, OSError) as error:
        return str(error)
    except MemoryError:
        return f"{file} needs too much memory: {_COPY}"
    except BaseException as error:  # a panic of the reader is no Exception
        return f"{file} is damaged or of an unknown kind ({type(error).__name__}): {_COPY}"


def _main(file: str, memory: str) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    sys.stdout.buffer.write(pickle.dumps(_answer(Path(file))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
