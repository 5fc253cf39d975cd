"""Reads the tables that scripts/check-readers made, and compares every cell with the CSV.

    check_readers.py FOLDER TITLE FORMAT…

FOLDER has a folder and a report (FORMAT.json) for each format.
"""

import csv
import datetime
import json
import pathlib
import sys

import duckdb
import frictionless
import openpyxl
import pandas
import pyarrow.parquet

# Readers have limits on the length of a cell or a line; documents have longer ones.
csv.field_size_limit(1 << 30)


def main():
    folder, title, formats = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    problems, cells = [], 0
    for name in formats:
        problems += validated(folder / name)
        report = json.loads((folder / f"{name}.json").read_text())
        for table in report["tables"]:
            path = folder / name / table["path"]
            found, count = READERS[name](path, table, rows_of_csv(folder, table, name))
            problems += [f"{name} {table['path']}: {problem}" for problem in found]
            cells += count
    print(f"{'FAIL' if problems else 'ok  '}  {title}: {cells} cells in {', '.join(formats)}")
    for problem in problems[:20]:
        print(f"      {problem}")
    sys.exit(bool(problems))


def validated(folder):
    """What Frictionless says against the description and its files."""
    report = frictionless.validate(str(folder / "datapackage.json"))
    found = [entry for entry in report.flatten(["path", "type", "message"]) if not is_known(folder, entry)]
    return [f"frictionless: {' '.join(map(str, entry))}" for entry in [*report.errors, *found]]


def is_known(folder, entry):
    """What Frictionless finds and nobody can mend: a flat table has a blank row for a record without any value, because the record
    is there; and Parquet is read by way of pandas, which makes a `nan` of an integer that is not there."""
    _, kind, message = entry
    return kind == "blank-row" or folder.name == "parquet" and kind == "type-error" and 'in the cell "nan"' in message


def rows_of_csv(folder, table, name):
    """The table's rows as the CSV has them, or nothing if documents that another format cannot hold are in it."""
    path = (folder / "csv" / table["path"]).with_suffix(".csv")
    reports = [json.loads((folder / f"{kind}.json").read_text()) for kind in ("csv", name)]
    if reports[0]["documents"] != reports[1]["documents"]:
        return None
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def check_csv(path, table, expected):
    problems = []
    columns = [column["name"] for column in table["columns"]]
    if expected[0] != columns:
        problems.append(f"the header is {expected[0]}, not {columns}")
    if len(expected) - 1 != table["rows"]:
        problems.append(f"{len(expected) - 1} rows, the report says {table['rows']}")
    source = f"{str(path)!r}, header = true, delim = ',', quote = '\"', escape = '\"', max_line_size = {longest_line(path)}"
    rows = duckdb.execute(f"from read_csv({source}, all_varchar = true)").fetchall()
    if [["" if cell is None else cell for cell in row] for row in rows] != expected[1:]:
        problems.append(f"DuckDB reads other cells ({len(rows)} rows)")
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
    if frame.values.tolist() != expected[1:]:
        problems.append(f"pandas reads other cells ({len(frame)} rows)")
    typed = duckdb.execute(f"select count(*) from read_csv({source})").fetchall()[0][0]
    if typed != table["rows"]:
        problems.append(f"DuckDB with guessed types reads {typed} rows, the report says {table['rows']}")
    return problems, sum(map(len, expected))


def longest_line(path):
    """More than any line of the file has, and not less than the reader's own limit."""
    return max(2 << 20, path.stat().st_size)


def check_jsonl(path, table, expected):
    if expected is None:
        return [], 0
    problems = []
    # Numbers stay as they stand in the line.
    read = json.JSONDecoder(parse_int=str, parse_float=str).decode
    with open(path, encoding="utf-8", newline="\n") as file:
        rows = [read(line) for line in file]
    for number, (row, wanted) in enumerate(zip(rows, expected[1:], strict=False), 1):
        if list(row) != expected[0]:
            problems.append(f"row {number} has the members {list(row)}")
        shown = [text_of_json(cell) for cell in row.values()]
        problems += differences(number, expected[0], shown, wanted)
    source = f"{str(path)!r}, format = 'newline_delimited', maximum_object_size = {max(16 << 20, path.stat().st_size)}"
    counted = duckdb.execute(f"select count(*) from read_json({source})")
    for reader, count in [("Python", len(rows)), ("DuckDB", counted.fetchall()[0][0] if rows else 0)]:
        if count != len(expected) - 1:
            problems.append(f"{reader} reads {count} rows, the CSV has {len(expected) - 1}")
    return problems, len(rows) * len(expected[0])


def text_of_json(cell):
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else cell


def check_xlsx(path, table, expected):
    if expected is None:
        return [], 0
    problems, rows = [], []
    workbook = openpyxl.load_workbook(path, read_only=True)
    for sheet in workbook.worksheets:
        header, *body = sheet.iter_rows()
        if [cell.value for cell in header] != expected[0]:
            problems.append(f"the header of {sheet.title} is another")
        rows += body
    for number, (row, wanted) in enumerate(zip(rows, expected[1:], strict=False), 1):
        problems += differences(number, expected[0], [shown_in_sheet(cell) for cell in row], wanted)
    if len(rows) != len(expected) - 1:
        problems.append(f"{len(rows)} rows, the CSV has {len(expected) - 1}")
    return problems, len(rows) * len(expected[0])


def shown_in_sheet(cell):
    """The cell as a spreadsheet shows it: by its number format."""
    value, form = cell.value, cell.number_format
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        if "T" not in form:
            return value.strftime("%Y-%m-%d")
        decimals = len(form.partition("ss.")[2])
        return value.strftime("%Y-%m-%dT%H:%M:%S") + (f".{value.microsecond:06}"[: decimals + 1] if decimals else "")
    if isinstance(value, (int, float)):
        if form.startswith("0"):
            return f"{value:.{len(form.partition('.')[2])}f}"
        return repr(value)
    return value


def check_parquet(path, table, expected):
    if expected is None:
        return [], 0
    problems = []
    read = pyarrow.parquet.read_table(path)
    if read.column_names != expected[0]:
        problems.append(f"the columns are {read.column_names}")
    columns = [[text_of_parquet(cell) for cell in column.to_pylist()] for column in read.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    for number, (row, wanted) in enumerate(zip(rows, expected[1:], strict=False), 1):
        problems += differences(number, expected[0], row, wanted)
    counted = duckdb.execute(f"select count(*) from read_parquet({str(path)!r})").fetchall()[0][0]
    for reader, count in [("pyarrow", read.num_rows), ("DuckDB", counted)]:
        if count != len(expected) - 1:
            problems.append(f"{reader} reads {count} rows, the CSV has {len(expected) - 1}")
    return problems, len(rows) * len(expected[0])


def text_of_parquet(cell):
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(cell)


def differences(number, columns, cells, wanted):
    if cells == wanted:
        return []
    pairs = zip(columns, cells, wanted, strict=False)
    return [f"row {number}, {column}: {ours!r}, the CSV has {theirs!r}" for column, ours, theirs in pairs if ours != theirs]


READERS = {"csv": check_csv, "jsonl": check_jsonl, "xlsx": check_xlsx, "parquet": check_parquet}

if __name__ == "__main__":
    main()
