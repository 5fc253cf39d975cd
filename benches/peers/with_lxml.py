"""What one writes by hand: lxml's iterparse, one row for each child of the root, repeated values joined.
Arguments: document, output. Prints the CPU seconds of the work."""

import csv
import sys
import time

from lxml import etree

PROSE = "p"


def fill(element, path, row):
    for name, value in element.attrib.items():
        row.setdefault(f"{path}@{name}", []).append(value)
    if element.tag == PROSE:
        row.setdefault(path, []).append(" ".join("".join(element.itertext()).split()))
        return
    if element.text and element.text.strip():
        row.setdefault(path, []).append(element.text.strip())
    for child in element:
        fill(child, f"{path}.{child.tag}" if path else child.tag, row)


def convert(document, output):
    rows, columns = [], {}
    events = etree.iterparse(document, events=("start", "end"), huge_tree=True)
    _, root = next(events)
    for event, element in events:
        if event == "end" and element.getparent() is root:
            row = {}
            fill(element, "", row)
            rows.append({name: "|".join(values) for name, values in row.items()})
            columns.update(dict.fromkeys(row))
            element.clear()
            while element.getprevious() is not None:
                del root[0]
    with open(output, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


started = time.process_time()
convert(*sys.argv[1:])
print(time.process_time() - started)
