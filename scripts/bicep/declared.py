"""Values against the types that parameters and variables are declared with."""

from arm_types import suggestion
from files import decorator
from syntax import text_of

PRIMITIVE = {"string": "string", "int": "number", "bool": "bool", "object": "object", "array": "array"}
# What an expression is by its form alone. Of all others nothing is said.
FORMS = {"string": "string", "number": "int", "bool": "bool", "object": "object", "array": "array", "loop": "array"}


class Declared:
    """Types as one file declares them; what is wrong is told of the file that is checked."""

    def __init__(self, checker, file=None):
        self.checker, self.file = checker, file or checker.file

    def type_names(self, node):
        if node.kind == "named_type":
            if node.name in self.file.names:
                self.checker.used.add(node.name)
            elif node.name not in PRIMITIVE:
                near = suggestion(node.name, list(PRIMITIVE) + list(self.file.of_kind("type")))
                self.checker.report(node.line, f"there is no type {node.name!r}{near}")
        for child in node.children():
            self.type_names(child)

    def resolved(self, node):
        while node is not None and node.kind in ("named_type", "optional_type"):
            if node.kind == "optional_type":
                node = node.item
            elif node.name in PRIMITIVE:
                return node
            else:
                declared = self.file.names.get(node.name)
                node = declared.type if declared is not None and declared.kind == "type" else None
        return node

    def value(self, node, type_node, what):
        """Tells where an expression has another form than the type takes."""
        declared = self.resolved(type_node)
        if declared is None:
            return
        if node.kind == "choice":
            self.value(node.then, declared, what)
            self.value(node.otherwise, declared, what)
            return
        form = FORMS.get(node.kind)
        if form is None:
            return
        if declared.kind in ("literal", "union"):
            self.one_of(node, declared, what)
        elif declared.kind == "object_type":
            self.object(node, declared, what)
        elif declared.kind == "array_type":
            if form != "array":
                self.checker.report(node.line, f"{what} takes an array, not {form}")
            for each in getattr(node, "items", []):
                self.value(each, declared.item, what)
        elif form != declared.name and not (declared.name == "array" and form == "array"):
            self.checker.report(node.line, f"{what} takes {declared.name}, not {form}")

    def one_of(self, node, declared, what):
        allowed = [each.value for each in getattr(declared, "alternatives", [declared]) if each.kind == "literal"]
        given = text_of(node) if node.kind == "string" else getattr(node, "value", None)
        if given is not None and given not in allowed:
            self.checker.report(node.line, f"{what} takes one of {', '.join(map(repr, allowed))}, not {given!r}")

    def object(self, node, declared, what):
        if node.kind != "object":
            self.checker.report(node.line, f"{what} takes an object, not {FORMS[node.kind]}")
            return
        keys = set()
        for each in node.properties:
            keys.add(each.key)
            if each.key not in declared.members:
                self.checker.report(each.line, f"{what} has no {each.key!r}{suggestion(each.key, declared.members)}")
            else:
                self.value(each.value, declared.members[each.key], f"{what}.{each.key}")
        optional = {name for name, one in declared.members.items() if one.kind == "optional_type"}
        if missing := sorted(set(declared.members) - keys - optional):
            self.checker.report(node.line, f"{what} lacks {', '.join(missing)}")

    def parameter(self, one):
        """A parameter's default is one that it takes, and no secret."""
        if decorator(one, "secure") and one.value is not None and text_of(one.value) != "":
            self.checker.report(one.line, f"the secret {one.name!r} has a default")
        if one.value is not None:
            self.given(one.value, one, one.name)

    def given(self, node, parameter, what):
        """What a parameter is given is of its type and within its bounds."""
        if parameter.type is not None:
            self.value(node, parameter.type, what)
        allowed = decorator(parameter, "allowed")
        literal = text_of(node) if node.kind == "string" else getattr(node, "value", None)
        if allowed is not None and literal is not None:
            values = [text_of(each) if each.kind == "string" else each.value for each in allowed.items]
            if literal not in values:
                self.checker.report(node.line, f"{what} takes one of {', '.join(map(repr, values))}, not {literal!r}")
        for bound, is_broken in (("minValue", int.__lt__), ("maxValue", int.__gt__)):
            limit = decorator(parameter, bound)
            if limit is not None and node.kind == "number" and is_broken(node.value, limit.value):
                self.checker.report(node.line, f"{what} is {node.value}, beyond the {bound} {limit.value}")

    def member(self, node, parameter):
        declared = self.resolved(parameter.type)
        if declared is not None and declared.kind == "object_type" and node.name not in declared.members:
            near = suggestion(node.name, declared.members)
            self.checker.report(node.line, f"the param {parameter.name!r} has no {node.name!r}{near}")
