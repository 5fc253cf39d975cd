"""One file: its names, its resources, its modules."""

from arm_types import suggestion
from declared import Declared
from files import File, decorator, object_of, properties_of, resource_references
from start import Start
from syntax import text_of
from tokens import BicepError
from values import Values

FUNCTIONS = set(
    """any array base64 bool cidrHost cidrSubnet concat contains createArray createObject dateTimeAdd deployer deployment
    empty endsWith environment extensionResourceId filter first flatten format groupBy guid indexOf int intersection
    items join json last length loadJsonContent loadTextContent loadYamlContent map mapValues max min newGuid objectKeys
    padLeft range readEnvironmentVariable reduce replace resourceGroup resourceId skip sort split startsWith string
    subscription subscriptionResourceId substring take tenant toLower toObject toUpper trim union uniqueString uri utcNow
    allowed batchSize description maxLength maxValue metadata minLength minValue sealed secure""".split()
)
LOADS = ("loadJsonContent", "loadTextContent", "loadYamlContent")
# Known before anything is made, and there on every resource.
OF_EVERY_RESOURCE = ("id", "name", "type", "apiVersion")


class Checker:
    def __init__(self, file, types):
        self.file, self.types = file, types
        self.found, self.used = [], set()
        self.references = resource_references(file)
        self.declared = Declared(self)
        self.values = Values(self)
        self.start = Start(self)

    def report(self, line, message):
        if (line, message) not in self.found:
            self.found.append((line, message))

    def run(self):
        for one in self.file.twice:
            self.report(one.line, f"{one.name!r} is declared twice")
        for one in self.file.declarations:
            self.declaration(one)
        for name, one in self.file.names.items():
            if one.kind in ("param", "var", "type") and name not in self.used:
                self.report(one.line, f"the {one.kind} {name!r} is never used")
            if one.kind == "param" and decorator(one, "description") is None:
                self.report(one.line, f"the param {name!r} has no description")
        return sorted(self.found)

    # ---- declarations

    def declaration(self, one, parent=None):
        for each in getattr(one, "decorators", []):
            self.names_in(each, set())
        if getattr(one, "type", None) is not None:
            self.declared.type_names(one.type)
        if one.kind in ("param", "var", "output"):
            if one.value is not None:
                self.names_in(one.value, set())
                self.declared.value(one.value, getattr(one, "type", None), one.name)
            if one.kind == "param":
                self.declared.parameter(one)
            if one.kind == "var" and one.value.kind == "loop":
                self.start.known(one.value.over, "what a variable loops over")
            if one.kind == "output":
                self.start.no_secret(one)
        elif one.kind in ("resource", "module"):
            self.made(one, parent)

    def made(self, one, parent):
        """A resource or a module."""
        local, body = set(), one.body
        if body.kind == "loop":
            self.names_in(body.over, local)
            self.start.known(body.over, f"what {one.name!r} loops over")
            local |= set(body.variables)
            body = body.body
        if body.kind == "if":
            self.names_in(body.condition, local)
            self.start.known(body.condition, f"the condition of {one.name!r}")
            body = body.body
        if body.kind != "object":
            self.report(one.line, f"{one.name!r} needs an object")
            return
        self.names_in(body, local)
        if name := properties_of(one).get("name"):
            self.start.known(name.value, f"the name of {one.name!r}")
        self.resource(one, parent) if one.kind == "resource" else self.module(one)
        for nested in body.nested:
            self.declaration(nested, one)

    def resource(self, one, parent):
        reference = self.references.get(one)
        if reference is None or "@" not in reference:
            self.report(one.line, f"{one.name!r} needs a type with a version, 'Type@version'")
            return
        name, version = reference.rsplit("@", 1)
        shape = self.types.body(reference)
        if shape is None:
            known = self.types.versions(name)
            why = f"known of it: {', '.join(known)}" if known else "the type is not in types.json"
            self.report(one.line, f"there is no {name} of version {version}; {why}")
            return
        properties = properties_of(one)
        if one.is_existing:
            for key, each in properties.items():
                if key not in ("name", "scope", "parent"):
                    self.report(each.line, f"{key!r} is not for a resource that exists")
            if "name" not in properties:
                self.report(one.line, f"{one.name!r} needs a name")
        else:
            self.values.of_resource(object_of(one), shape, one.name)
        self.parent(one, name, properties, parent)

    def parent(self, one, name, properties, outer):
        given = properties.get("parent")
        if given is None:
            if outer is None and name.count("/") > 1 and "/" not in (text_of_name(properties) or "/"):
                self.report(one.line, f"{one.name!r} needs a parent")
            return
        if outer is not None:
            self.report(given.line, f"{one.name!r} stands in its parent already")
            return
        target = given.value.of if given.value.kind == "index" else given.value
        target = self.file.names.get(getattr(target, "name", None))
        of = self.references.get(target) if target is not None else None
        if of is not None and of.rsplit("@", 1)[0] != name.rsplit("/", 1)[0]:
            self.report(given.line, f"the parent of {name} is {name.rsplit('/', 1)[0]}, not {of.rsplit('@', 1)[0]}")

    def module(self, one):
        child = self.child(one)
        if child is None:
            return
        properties = properties_of(one)
        for key, each in properties.items():
            if key not in ("name", "params", "scope", "dependsOn"):
                self.report(
                    each.line, f"a module has no property {key!r}{suggestion(key, ['name', 'params', 'scope'])}"
                )
        if child.scope != self.file.scope and "scope" not in properties:
            self.report(one.line, f"{one.name!r} is for a {child.scope}: it needs a scope")
        given = properties["params"].value.properties if "params" in properties else []
        for each in given:
            parameter = child.parameters.get(each.key)
            if parameter is None:
                self.report(
                    each.line, f"{one.name!r} has no param {each.key!r}{suggestion(each.key, child.parameters)}"
                )
                continue
            Declared(self, child).given(each.value, parameter, each.key)
        missing = [name for name in child.required() if name not in {each.key for each in given}]
        if missing:
            self.report(one.line, f"{one.name!r} lacks {', '.join(missing)}")

    def child(self, module):
        """The file of a module."""
        path = self.file.beside(text_of(module.reference) or "")
        try:
            return File.load(path) if path.is_file() else self.report(module.line, f"there is no file {path.name!r}")
        except BicepError:
            return None  # It is told where the file itself is checked.

    # ---- names

    def names_in(self, node, local):
        """Every name within is declared; what is asked of it is there."""
        if node.kind == "lambda":
            return self.names_in(node.body, local | set(node.parameters))
        if node.kind == "loop":
            self.names_in(node.over, local)
            return self.names_in(node.body, local | set(node.variables))
        if node.kind == "name":
            return self.name(node, local)
        if node.kind == "call" and node.on is None:
            self.function(node)
        if node.kind == "object":
            keys = [each.key for each in node.properties if isinstance(each.key, str)]
            for key in {key for key in keys if keys.count(key) > 1}:
                self.report(node.line, f"the property {key!r} is there twice")
        if node.kind == "resource":
            return None  # Nested: it is looked at by itself.
        for child in node.children():
            self.names_in(child, local)
        if node.kind == "member":
            self.member(node, local)
        return None

    def name(self, node, local):
        if node.name in local:
            return
        if node.name in self.file.names:
            self.used.add(node.name)
        else:
            near = suggestion(node.name, list(self.file.names) + sorted(local))
            self.report(node.line, f"there is nothing named {node.name!r}{near}")

    def function(self, node):
        if node.function not in FUNCTIONS and not node.function.startswith("list"):
            near = suggestion(node.function, FUNCTIONS)
            self.report(node.line, f"there is no function {node.function!r}{near}")
        if node.function in LOADS:
            file = text_of(node.arguments[0]) if node.arguments else None
            if file is None or not self.file.beside(file).is_file():
                self.report(node.line, f"{node.function} finds no file {file!r}")

    def member(self, node, local):
        """A property of something whose properties are known."""
        of = node.of.of if node.of.kind in ("certain", "index") else node.of
        if of.kind == "name" and of.name not in local:
            one = self.file.names.get(of.name)
            if one is None:
                return
            if one.kind == "module" and node.name not in ("outputs", "name"):
                self.report(node.line, f"a module has no {node.name!r}, only outputs")
            if one.kind == "param":
                self.declared.member(node, one)
            if one.kind == "resource" and not node.is_nested:
                self.shape_member(node, self.types.body(self.references.get(one) or ""))
        elif of.kind == "member":
            inner = of.of.of if of.of.kind in ("certain", "index") else of.of
            one = self.file.names.get(inner.name) if inner.kind == "name" and inner.name not in local else None
            if one is not None and one.kind == "module" and of.name == "outputs":
                child = self.child(one)
                if child is not None and node.name not in child.outputs:
                    near = suggestion(node.name, child.outputs)
                    self.report(node.line, f"the module {one.name!r} has no output {node.name!r}{near}")
            elif one is not None and one.kind == "resource":
                shape = self.types.body(self.references.get(one) or "")
                inside = (shape or {}).get("p", {}).get(of.name)
                self.shape_member(node, inside and self.types.get(inside[0]))

    def shape_member(self, node, shape):
        if not shape or shape["k"] != "obj" or "a" in shape or node.name in OF_EVERY_RESOURCE:
            return
        if node.name not in shape["p"] and node.name != "outputs":
            self.report(node.line, f"{shape['n']} has no property {node.name!r}{suggestion(node.name, shape['p'])}")


def text_of_name(properties):
    return text_of(properties["name"].value) if "name" in properties else None
