"""A Bicep file with the names that it declares."""

from pathlib import Path

from syntax import parse, text_of


class File:
    read = {}

    def __init__(self, path):
        self.path = path
        self.declarations = parse(path.read_text(encoding="utf-8"))
        self.names, self.twice = {}, []
        for one in self.declarations:
            if name := getattr(one, "name", None):
                if one.kind == "output":
                    continue
                if name in self.names:
                    self.twice.append(one)
                self.names[name] = one
        self.parameters = self.of_kind("param")
        self.outputs = self.of_kind("output")
        scope = next((one.value for one in self.declarations if one.kind == "targetScope"), None)
        self.scope = text_of(scope) or "resourceGroup"

    def of_kind(self, kind):
        return {one.name: one for one in self.declarations if one.kind == kind}

    def required(self):
        """Names of parameters that must be given."""
        return [name for name, one in self.parameters.items() if one.value is None and one.type.kind != "optional_type"]

    @classmethod
    def load(cls, path):
        path = Path(path).resolve()
        if path not in cls.read:
            cls.read[path] = cls(path)
        return cls.read[path]

    def beside(self, reference):
        """The path of a file that this one names."""
        return self.path.parent / reference


def resource_references(file):
    """`Type@version` of each resource, also of those within others, by the node that declares it."""
    found = {}

    def walk(node, parent):
        reference = text_of(node.reference)
        if parent and reference:
            name, version = parent.rsplit("@", 1)
            own, _, own_version = reference.partition("@")
            reference = f"{name}/{own}@{own_version or version}"
        found[node] = reference
        for nested in getattr(object_of(node), "nested", []):
            walk(nested, reference)

    for one in file.declarations:
        if one.kind == "resource":
            walk(one, None)
    return found


def object_of(node):
    """The object of a resource or a module, within its loop and its condition."""
    body = node.body
    while body.kind in ("loop", "if"):
        body = body.body
    return body


def properties_of(node):
    return {one.key: one for one in getattr(object_of(node), "properties", []) if isinstance(one.key, str)}


def decorator(node, name):
    """The first argument of a decorator, True if it has none, None if it is not there."""
    found = next((one for one in node.decorators if one.kind == "call" and one.function == name), None)
    if found is None:
        return None
    return found.arguments[0] if found.arguments else True
