"""What must be known before anything is made, and what must not come out."""

from files import decorator

# What a resource is named by is known; what it turns out to be is not.
KNOWN_OF_RESOURCES = ("id", "name", "type", "apiVersion")


class Start:
    def __init__(self, checker):
        self.checker = checker

    def known(self, node, what):
        """Loops, conditions and names are worked out first: outputs of modules and properties of resources come too late."""
        if late := self.late(node, set()):
            self.checker.report(node.line, f"{what} must be known before anything is made, and {late!r} is not")

    def late(self, node, seen):
        """The name of something within that is known only after it was made."""
        names = self.checker.file.names
        if node.kind == "member":
            base, path = node, []
            while base.kind in ("member", "certain", "index"):
                if base.kind == "member" and not base.is_nested:
                    path.insert(0, base.name)
                base = base.of
            one = names.get(base.name) if base.kind == "name" else None
            if one is not None and one.kind == "module" and path[:1] == ["outputs"]:
                return one.name
            if one is not None and one.kind == "resource" and path and path[0] not in KNOWN_OF_RESOURCES:
                return one.name
        if node.kind == "name" and node.name not in seen:
            one = names.get(node.name)
            if one is not None and one.kind == "var":
                return self.late(one.value, seen | {node.name})
        return next((late for child in node.children() if (late := self.late(child, seen))), None)

    def no_secret(self, output):
        if self.holds_secret(output.value, set()):
            self.checker.report(
                output.line, f"the output {output.name!r} shows a secret: outputs are kept in the clear"
            )

    def holds_secret(self, node, seen):
        if node.kind == "call" and node.function.startswith("list"):
            return True
        if node.kind == "name" and node.name not in seen:
            one = self.checker.file.names.get(node.name)
            if one is not None and one.kind == "param" and decorator(one, "secure"):
                return True
            if one is not None and one.kind == "var":
                return self.holds_secret(one.value, seen | {node.name})
        return any(self.holds_secret(child, seen) for child in node.children())
