"""What the XML of an .ods says of its cells that reading the values loses: errors, formulas not calculated, merges."""

import zipfile

from services.sender.imports.annotations import Annotations, WorkbookAnnotations, parse_part
from services.sender.imports.cells import Fault


def read_ods_annotations(parts: zipfile.ZipFile) -> WorkbookAnnotations:
    """The annotations of an .ods.

    Raises:
        expat.ExpatError, zipfile.BadZipFile: a part is broken.
    """
    parser = _OdsParser()
    parse_part(parts, "content.xml", parser.start, parser.end, parser.characters)
    return WorkbookAnnotations(since_1904=False, sheets=parser.sheets)


class _OdsParser:
    def __init__(self) -> None:
        self.sheets: dict[str, Annotations] = {}
        self._sheet = Annotations()
        self._row = self._column = 0
        self._rows = self._columns = 1
        self._attributes: dict[str, str] = {}
        self._text = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._sheet = self.sheets.setdefault(attributes.get("table:name", ""), Annotations())
            self._row = 0
        elif name == "table-row":
            self._column, self._rows = 0, int(attributes.get("table:number-rows-repeated", 1))
            if attributes.get("table:visibility", "visible") != "visible" and self._rows == 1:
                self._sheet.hidden_rows.append(self._row + 1)
        elif name in ("table-cell", "covered-table-cell"):
            self._attributes, self._text = attributes, ""
            self._columns = int(attributes.get("table:number-columns-repeated", 1))

    def characters(self, data: str) -> None:
        self._text += data

    def end(self, name: str) -> None:
        if name == "table-row":
            self._row += self._rows
        elif name in ("table-cell", "covered-table-cell"):
            self._cell()
            self._column += self._columns

    def _cell(self) -> None:
        spanned = int(self._attributes.get("table:number-rows-spanned", 1))
        if spanned > 1:
            place = (self._row, self._column)
            self._sheet.merged.append((place, (self._row + spanned - 1, self._column)))
        value_type = self._attributes.get("office:value-type")
        if self._attributes.get("calcext:value-type") == "error":
            self._fault(Fault("error", self._text or "#N/A"))
        elif "table:formula" in self._attributes and value_type is None:
            self._fault(Fault("uncalculated", self._attributes["table:formula"].removeprefix("of:")))
        if value_type or self._text:
            rows, columns = self._sheet.furthest
            reached = self._row + self._rows, self._column + self._columns
            self._sheet.furthest = max(rows, reached[0]), max(columns, reached[1])

    def _fault(self, fault: Fault) -> None:
        self._sheet.faults[self._row, self._column] = fault
