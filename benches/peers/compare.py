"""Runs every peer on every document in turns, and prints a Markdown table of MB per CPU second (medians).
Arguments: the executable ret, the folder of the documents, their megabytes, rounds."""

import importlib.metadata
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
RET, CORPORA, MEGABYTES, ROUNDS = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])


def with_python(script):
    """CPU seconds as the script tells them: without the start of Python and its imports."""

    def run(document, folder):
        command = [sys.executable, str(HERE / script), str(document), f"{folder}/table.csv"]
        finished = subprocess.run(command, capture_output=True, text=True)
        if finished.returncode != 0:
            print(f"{script}: {finished.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            return None
        return float(finished.stdout)

    return run


def with_ret(document, folder):
    """CPU seconds of the whole process, its start and both passes included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([RET, "convert", str(document), "-o", folder], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


PEERS = {
    "`pandas.read_xml`": with_python("with_pandas.py"),
    "lxml by hand": with_python("with_lxml.py"),
    "`ret convert`": with_ret,
}


def speeds(document):
    """MB per CPU second of each peer: the median of the rounds, None where it fails."""
    megabytes = document.stat().st_size / 1e6
    found = {name: [] for name in PEERS}
    for _ in range(ROUNDS):
        for name, run in PEERS.items():
            with tempfile.TemporaryDirectory() as folder:
                seconds = run(document, folder)
            if seconds is not None:
                found[name].append(megabytes / max(seconds, 1e-3))
    return {name: statistics.median(values) if values else None for name, values in found.items()}


def shown(speed):
    return "fails" if speed is None else f"{speed:.1f}" if speed < 100 else f"{speed:.0f}"


print(f"| MB per CPU second | {' | '.join(PEERS)} |")
print(f"|---|{'---|' * len(PEERS)}")
for kind in ["flat", "nested", "attributes", "text"]:
    row = speeds(CORPORA / f"{kind}-{MEGABYTES}.xml")
    print(f"| {kind} | {' | '.join(shown(row[name]) for name in PEERS)} |", flush=True)
versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ["pandas", "lxml"])
print(f"\n{MEGABYTES} MB each, rounds: {ROUNDS}, medians; Python {platform.python_version()}, {versions}.")
print("Python's start and imports are not counted, those of `ret` are. `pandas.read_xml` keeps only what stands directly")
print("in a record; by hand, repeated values are joined; `ret` keeps everything.")
