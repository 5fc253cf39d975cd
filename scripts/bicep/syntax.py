"""Tokens into a tree. What these templates do not use of the language (functions of one's own, imports, extensions) is not understood."""

from tokens import BicepError, Lexer

LEVELS = (("??",), ("||",), ("&&",), ("==", "!=", "=~", "!~"), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))
# A line may begin with these to go on with the one before.
LEADING = ("??", "||", "&&")


class Node:
    """A part of the tree: `kind`, `line`, and what belongs to the kind."""

    def __init__(self, kind, line, **parts):
        self.kind, self.line = kind, line
        self.__dict__.update(parts)

    def children(self):
        """All nodes directly below, in any order."""

        def within(value):
            if isinstance(value, Node):
                yield value
            elif isinstance(value, (list, tuple)):
                for one in value:
                    yield from within(one)
            elif isinstance(value, dict):
                for one in value.values():
                    yield from within(one)

        for name, value in self.__dict__.items():
            if name not in ("kind", "line"):
                yield from within(value)


def text_of(node):
    """The text of a string without interpolations, else None."""
    return node.parts[0] if node is not None and node.kind == "string" and len(node.parts) == 1 else None


def parse(text):
    """The declarations of a file."""
    return Parser(Lexer(text).run()).declarations()


class Parser:
    def __init__(self, tokens):
        self.tokens, self.at = tokens, 0

    # ---- tokens

    def peek(self, ahead=0):
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def is_at(self, kind, value=None):
        token = self.peek()
        return token.kind == kind and (value is None or token.value == value)

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, kind):
        return self.take() if self.is_at(kind) else None

    def expect(self, kind, what=None):
        if not self.is_at(kind):
            token = self.peek()
            found = token.value if token.value is not None else token.kind
            raise BicepError(f"expected {what or repr(kind)}, found {found!r}", token.line)
        return self.take()

    def skip_newlines(self):
        while self.is_at("newline"):
            self.take()

    def goes_on_with(self, kinds):
        """Whether the next token that is no new line is one of these; then it is next."""
        ahead = 0
        while self.peek(ahead).kind == "newline":
            ahead += 1
        if self.peek(ahead).kind not in kinds:
            return False
        self.at += ahead
        return True

    def items(self, closing, item):
        """Items between brackets, apart by commas or new lines."""
        found = []
        self.skip_newlines()
        while not self.is_at(closing):
            found.append(item())
            if not (self.is_at(",") or self.is_at("newline") or self.is_at(closing)):
                self.expect(closing, f"',', a new line or {closing!r}")
            while self.is_at(",") or self.is_at("newline"):
                self.take()
        self.take()
        return found

    # ---- declarations

    def declarations(self):
        found = []
        self.skip_newlines()
        while not self.is_at("end"):
            found.append(self.declaration())
            if not self.is_at("end"):
                self.expect("newline", "a new line after the declaration")
            self.skip_newlines()
        return found

    def declaration(self):
        decorators = []
        while self.accept("@"):
            decorators.append(self.postfix())
            self.skip_newlines()
        keyword = self.expect("name", "a declaration")
        line = keyword.line
        if keyword.value == "targetScope":
            self.expect("=")
            return Node("targetScope", line, value=self.expression())
        if keyword.value == "using":
            return Node("using", line, file=self.expression())
        if keyword.value not in ("param", "var", "type", "output", "resource", "module"):
            raise BicepError(f"the declaration {keyword.value!r} is not understood by this checker", line)
        name = self.expect("name", "a name").value
        declared = Node(keyword.value, line, name=name, decorators=decorators)
        if keyword.value == "param":
            declared.type = None if self.is_at("=") or self.is_at("newline") or self.is_at("end") else self.type()
            declared.value = self.expression() if self.accept("=") else None
        elif keyword.value == "var":
            self.expect("=")
            declared.value = self.expression()
        elif keyword.value == "type":
            self.expect("=")
            declared.type = self.type()
        elif keyword.value == "output":
            declared.type = self.type()
            self.expect("=")
            declared.value = self.expression()
        else:
            declared.reference = self.expression()
            declared.is_existing = self.is_at("name", "existing") and bool(self.take())
            self.expect("=")
            self.skip_newlines()
            declared.body = self.body()
        return declared

    def body(self):
        """What follows a resource or a module: an object, perhaps under a condition, perhaps in a loop."""
        if self.is_at("name", "if"):
            line = self.take().line
            self.expect("(")
            condition = self.expression()
            self.expect(")")
            self.skip_newlines()
            return Node("if", line, condition=condition, body=self.expression())
        return self.expression()

    # ---- types

    def type(self):
        line = self.peek().line
        self.accept("|")
        alternatives = [self.one_type()]
        while self.accept("|"):
            self.skip_newlines()
            alternatives.append(self.one_type())
        return alternatives[0] if len(alternatives) == 1 else Node("union", line, alternatives=alternatives)

    def one_type(self):
        token = self.take()
        if token.kind == "string":
            found = Node("literal", token.line, value=token.value[0])
        elif token.kind == "number":
            found = Node("literal", token.line, value=token.value)
        elif token.kind == "{":
            found = Node("object_type", token.line, members=dict(self.items("}", self.member)))
        elif token.kind == "name":
            found = Node("named_type", token.line, name=token.value)
        else:
            raise BicepError(f"expected a type, found {token.value!r}", token.line)
        while True:
            if self.is_at("[") and self.peek(1).kind == "]":
                self.at += 2
                found = Node("array_type", token.line, item=found)
            elif self.accept("?"):
                found = Node("optional_type", token.line, item=found)
            else:
                return found

    def member(self):
        name = self.expect("name", "the name of a member").value
        self.expect(":")
        return name, self.type()

    # ---- expressions

    def expression(self):
        condition = self.binary(0)
        if not self.goes_on_with("?"):
            return condition
        line = self.take().line
        self.skip_newlines()
        then = self.expression()
        self.skip_newlines()
        self.expect(":")
        self.skip_newlines()
        return Node("choice", line, condition=condition, then=then, otherwise=self.expression())

    def binary(self, level):
        if level == len(LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.peek().kind in LEVELS[level] or (LEVELS[level][0] in LEADING and self.goes_on_with(LEVELS[level])):
            operator = self.take()
            self.skip_newlines()
            left = Node("binary", operator.line, operator=operator.kind, left=left, right=self.binary(level + 1))
        return left

    def unary(self):
        if self.peek().kind in ("!", "-"):
            operator = self.take()
            return Node("unary", operator.line, operator=operator.kind, of=self.unary())
        return self.postfix()

    def postfix(self):
        found = self.primary()
        while True:
            token = self.peek()
            if token.kind in (".", ".?", "::"):
                self.take()
                name = self.expect("name", "the name of a property").value
                if self.is_at("("):
                    found = Node("call", token.line, function=name, on=found, arguments=self.arguments())
                else:
                    found = Node("member", token.line, of=found, name=name, is_nested=token.kind == "::")
            elif token.kind in ("[", "[?"):
                self.take()
                found = Node("index", token.line, of=found, at=self.expression())
                self.expect("]")
            elif token.kind == "!" and self.peek(1).kind != "=":
                self.take()
                found = Node("certain", token.line, of=found)
            else:
                return found

    def arguments(self):
        self.expect("(")
        return self.items(")", self.expression)

    def primary(self):
        token = self.peek()
        if token.kind == "string":
            return self.string(self.take())
        if token.kind == "number":
            return Node("number", self.take().line, value=token.value)
        if token.kind == "(":
            self.take()
            self.skip_newlines()
            inner = self.expression()
            self.skip_newlines()
            self.expect(")")
            return Node("parenthesis", token.line, of=inner)
        if token.kind == "{":
            return self.object()
        if token.kind == "[":
            return self.array()
        self.expect("name", "an expression")
        if token.value in ("true", "false"):
            return Node("bool", token.line, value=token.value == "true")
        if token.value == "null":
            return Node("null", token.line)
        if self.accept("=>"):
            return Node("lambda", token.line, parameters=[token.value], body=self.expression())
        if self.is_at("("):
            return Node("call", token.line, function=token.value, on=None, arguments=self.arguments())
        return Node("name", token.line, name=token.value)

    def string(self, token):
        parts = []
        for part in token.value:
            if isinstance(part, str):
                parts.append(part)
            else:
                inner = Parser(Lexer(*part).run())
                parts.append(inner.expression())
                inner.expect("end", "the end of the interpolation")
        return Node("string", token.line, parts=parts)

    def object(self):
        line = self.expect("{").line
        entries = self.items("}", self.entry)
        properties = [one for one in entries if one.kind == "property"]
        return Node("object", line, properties=properties, nested=[one for one in entries if one.kind == "resource"])

    def entry(self):
        if self.is_at("@") or (self.is_at("name", "resource") and self.peek(1).kind == "name"):
            return self.declaration()
        token = self.take()
        if token.kind == "name":
            key = token.value
        elif token.kind == "string":
            string = self.string(token)
            key = text_of(string) if text_of(string) is not None else string
        else:
            raise BicepError(f"expected the name of a property, found {token.value!r}", token.line)
        self.expect(":")
        self.skip_newlines()
        return Node("property", token.line, key=key, value=self.expression())

    def array(self):
        line = self.expect("[").line
        self.skip_newlines()
        if not (self.is_at("name", "for") and self.peek(1).kind in ("name", "(")):
            return Node("array", line, items=self.items("]", self.expression))
        self.take()
        if self.accept("("):
            variables = [self.expect("name").value]
            self.expect(",")
            variables.append(self.expect("name").value)
            self.expect(")")
        else:
            variables = [self.expect("name").value]
        if self.expect("name").value != "in":
            raise BicepError("expected 'in'", self.peek().line)
        over = self.expression()
        self.expect(":")
        self.skip_newlines()
        body = self.body()
        self.skip_newlines()
        self.expect("]")
        return Node("loop", line, variables=variables, over=over, body=body)
