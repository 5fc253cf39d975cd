"""The shapes of resources, from types.json: see README.md for where they are from."""

import difflib
import json
from pathlib import Path

REQUIRED, READ_ONLY = 1, 2


class ResourceTypes:
    def __init__(self, path=Path(__file__).with_name("types.json")):
        known = json.loads(path.read_text())
        self.types, self.resources = known["types"], known["resources"]

    def get(self, index):
        return self.types[index]

    def body(self, reference):
        """The shape of `Type@version`, or None."""
        index = self.resources.get(reference)
        return None if index is None else self.types[index]

    def versions(self, name):
        return sorted(known.split("@")[1] for known in self.resources if known.split("@")[0] == name)


def suggestion(name, known):
    """`; did you mean …?`, if something known is near."""
    near = [one for one in known if one.lower() == name.lower()] or difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""
