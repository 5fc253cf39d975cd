#!/usr/bin/env python3
"""Checks Bicep files and files of their parameters without a network: check.py FILE…

Says what is wrong with file and line; ends with 1 if something is. README.md tells what it finds.
"""

import os
import sys
from pathlib import Path

from arm_types import ResourceTypes
from checker import Checker
from files import File
from parameters import of_bicepparam, of_json
from tokens import BicepError


def check(path, types):
    try:
        if path.suffix == ".json":
            return of_json(path, types)
        if path.suffix == ".bicepparam":
            return of_bicepparam(path, types)
        return Checker(File.load(path), types).run()
    except BicepError as error:
        return [(error.line, str(error))]


def main(arguments):
    types, wrong = ResourceTypes(), 0
    for argument in arguments:
        for line, message in check(Path(argument), types):
            print(f"{os.path.relpath(argument)}:{line}: {message}")
            wrong += 1
    print(f"bicep: {len(arguments)} files, {wrong} mistakes")
    return 1 if wrong or not arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
