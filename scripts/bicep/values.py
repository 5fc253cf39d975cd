"""Values against the shapes of resources."""

import re

from arm_types import READ_ONLY, REQUIRED, suggestion
from files import decorator
from syntax import Node, text_of

OF_THE_LANGUAGE = ("parent", "scope", "dependsOn")
FORMS = {
    "obj": ("object",),
    "disc": ("object",),
    "arr": ("array", "loop"),
    "str": ("string",),
    "int": ("number",),
    "bool": ("bool",),
}
WORDS = {
    "obj": "an object",
    "disc": "an object",
    "arr": "an array",
    "str": "a string",
    "int": "a number",
    "bool": "true or false",
}
PRIMITIVE_OF = {"string": "str", "int": "int", "bool": "bool", "object": "obj", "array": "arr"}


class Values:
    def __init__(self, checker):
        self.checker, self.types = checker, checker.types

    def of_resource(self, body, shape, name):
        own = [each for each in body.properties if each.key not in OF_THE_LANGUAGE]
        self.check(Node("object", body.line, properties=own, nested=[]), shape, name, set())

    def check(self, node, shape, path, local):
        kind = shape["k"]
        if node.kind in ("parenthesis", "certain"):
            return self.check(node.of, shape, path, local)
        if node.kind == "choice":
            self.check(node.then, shape, path, local)
            return self.check(node.otherwise, shape, path, local)
        if node.kind == "if":
            return self.check(node.body, shape, path, local)
        if node.kind == "name":
            return self.named(node, shape, path, local)
        if node.kind == "call" and node.function in ("union", "concat"):
            for each in node.arguments:
                self.check(each, {**shape, "is_part": True}, path, local)
            return None
        if kind == "any" or node.kind not in {form for forms in FORMS.values() for form in forms}:
            return None
        if kind in ("lit", "union"):
            return self.one_of(node, shape, path)
        if node.kind not in FORMS[kind]:
            return self.report(node, f"{path} takes {WORDS[kind]}")
        checks = {"obj": self.object, "disc": self.kinds, "arr": self.array, "str": self.text, "int": self.number}
        return checks[kind](node, shape, path, local) if kind in checks else None

    def report(self, node, message):
        self.checker.report(node.line, message)

    def named(self, node, shape, path, local):
        one = self.checker.file.names.get(node.name)
        if node.name in local or one is None:
            return
        if one.kind == "var":
            self.check(one.value, shape, path, local)
        if one.kind == "param":
            self.parameter(node, one, shape, path)

    def parameter(self, node, one, shape, path):
        """A parameter's type is what the property takes, and so is each value that it allows."""
        declared = self.checker.declared.resolved(one.type)
        if declared is None:
            return
        if declared.kind == "named_type":
            takes = {"disc": "obj", "lit": "str", "union": "str"}.get(shape["k"], shape["k"])
            if takes != "any" and PRIMITIVE_OF[declared.name] != takes:
                self.report(node, f"{path} takes {WORDS[takes]}, and the param {one.name!r} is {declared.name}")
        if shape["k"] == "union":
            known, is_open = self.alternatives(shape)
            for value in allowed_values(one, declared):
                if known and value not in known:
                    self.report(one, f"{path} does not take {value!r}, which the param {one.name!r} allows")

    def alternatives(self, shape):
        each = [self.types.get(index) for index in shape["u"]]
        return [one["v"] for one in each if one["k"] == "lit"], any(one["k"] != "lit" for one in each)

    def one_of(self, node, shape, path):
        known = [shape["v"]] if shape["k"] == "lit" else self.alternatives(shape)[0]
        if node.kind != "string":
            return self.report(node, f"{path} takes a string")
        # The service may know more than these; the templates use none of those.
        if text_of(node) is not None and known and text_of(node) not in known:
            near = suggestion(text_of(node), known)
            return self.report(node, f"{path} takes {', '.join(known)[:160]}, not {text_of(node)!r}{near}")
        return None

    def object(self, node, shape, path, local):
        given, is_open = set(), shape.get("is_part", False)
        for each in node.properties:
            if not isinstance(each.key, str):
                is_open = True
                continue
            given.add(each.key)
            known = shape["p"].get(each.key)
            if known is None and "a" in shape:
                self.check(each.value, self.types.get(shape["a"]), f"{path}.{each.key}", local)
            elif known is None:
                self.report(each, f"{path} has no property {each.key!r}{suggestion(each.key, shape['p'])}")
            elif known[1] & READ_ONLY and not known[1] & REQUIRED:
                self.report(each, f"{path}.{each.key} cannot be set")
            else:
                self.check(each.value, self.types.get(known[0]), f"{path}.{each.key}", local)
        required = [name for name, (_, flags) in shape["p"].items() if flags & REQUIRED and not flags & READ_ONLY]
        missing = [name for name in required if name not in given]
        if missing and not is_open:
            self.report(node, f"{path} lacks {', '.join(missing)}")

    def kinds(self, node, shape, path, local):
        """An object of which one property says what else it has."""
        kind = next((each.value for each in node.properties if each.key == shape["d"]), None)
        if kind is None:
            return self.report(node, f"{path} lacks {shape['d']}: {', '.join(shape['e'])}")
        if text_of(kind) is None:
            return None
        if text_of(kind) not in shape["e"]:
            near = suggestion(text_of(kind), shape["e"])
            return self.report(kind, f"{path}.{shape['d']} takes {', '.join(shape['e'])}, not {text_of(kind)!r}{near}")
        of_this_kind = self.types.get(shape["e"][text_of(kind)])
        return self.check(node, {**of_this_kind, "p": {**shape["b"], **of_this_kind["p"]}}, path, local)

    def array(self, node, shape, path, local):
        item = self.types.get(shape["item"])
        if node.kind == "loop":
            return self.check(node.body, item, f"{path}[]", local | set(node.variables))
        for each in node.items:
            self.check(each, item, f"{path}[]", local)
        return None

    def text(self, node, shape, path, _):
        text = text_of(node)
        if text is None:
            return
        if not shape.get("min", 0) <= len(text) <= shape.get("max", len(text)):
            self.report(node, f"{path}: {text!r} has {len(text)} characters, which is too few or too many")
        elif "pat" in shape and not re.search(shape["pat"], text):
            self.report(node, f"{path}: {text!r} is not of the form {shape['pat']}")

    def number(self, node, shape, path, _):
        if not shape.get("min", node.value) <= node.value <= shape.get("max", node.value):
            self.report(node, f"{path}: {node.value} is too small or too large")


def allowed_values(one, declared):
    """The texts that a parameter may have, if they are all known."""
    if declared.kind in ("union", "literal"):
        return [each.value for each in getattr(declared, "alternatives", [declared]) if isinstance(each.value, str)]
    allowed = decorator(one, "allowed")
    return [text_of(each) for each in allowed.items if text_of(each)] if allowed is not None else []
