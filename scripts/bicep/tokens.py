"""Text of a Bicep file into tokens."""

import re
from dataclasses import dataclass


class BicepError(Exception):
    """The text cannot be read."""

    def __init__(self, message, line):
        super().__init__(message)
        self.line = line


@dataclass
class Token:
    """`kind` is `name`, `number`, `string`, `newline`, `end`, or the operator itself."""

    kind: str
    value: object
    line: int


# Longer ones first.
OPERATORS = (
    "...", "=>", ".?", "[?", "::", "??", "||", "&&", "==", "!=", "=~", "!~", "<=", ">=",
    *"()[]{},:=.?!<>+-*/%|@^",
)  # fmt: skip
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBER = re.compile(r"\d+")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", "$": "$"}


class Lexer:
    """A string's value is a list of its texts and, between them, the sources of its interpolations."""

    def __init__(self, text, line=1):
        self.text, self.at, self.line, self.tokens = text, 0, line, []

    def run(self):
        while self.at < len(self.text):
            self.next()
        self.add("end", None)
        return self.tokens

    def add(self, kind, value):
        self.tokens.append(Token(kind, value, self.line))

    def next(self):
        text, at = self.text, self.at
        character = text[at]
        if character in " \t\r\ufeff":
            self.at += 1
        elif character == "\n":
            self.add("newline", None)
            self.line += 1
            self.at += 1
        elif text.startswith("//", at) or self.is_directive():
            end = text.find("\n", at)
            self.at = len(text) if end < 0 else end
        elif text.startswith("/*", at):
            self.skip_to("*/", "comment", 2)
        elif text.startswith("'''", at):
            start, line = at + 3, self.line
            self.skip_to("'''", "string", 3)
            self.tokens.append(Token("string", [text[start : self.at - 3]], line))
        elif character == "'":
            self.string()
        elif match := NAME.match(text, at):
            self.add("name", match.group())
            self.at = match.end()
        elif match := NUMBER.match(text, at):
            self.add("number", int(match.group()))
            self.at = match.end()
        else:
            operator = next((one for one in OPERATORS if text.startswith(one, at)), None)
            if operator is None:
                raise BicepError(f"the character {character!r} has no meaning here", self.line)
            self.add(operator, operator)
            self.at += len(operator)

    def is_directive(self):
        """`#disable-next-line` and its like stand alone on their line."""
        before = self.text[self.text.rfind("\n", 0, self.at) + 1 : self.at]
        return self.text[self.at] == "#" and not before.strip()

    def skip_to(self, closing, what, opening_length):
        end = self.text.find(closing, self.at + opening_length)
        if end < 0:
            raise BicepError(f"the {what} has no end", self.line)
        self.line += self.text.count("\n", self.at, end)
        self.at = end + len(closing)

    def string(self):
        text, at = self.text, self.at + 1
        parts = [""]
        while True:
            if at >= len(text) or text[at] == "\n":
                raise BicepError("the string has no end", self.line)
            if text[at] == "'":
                break
            if text.startswith("${", at):
                end = self.end_of_interpolation(at + 2)
                parts += [(text[at + 2 : end], self.line), ""]
                at = end + 1
            elif text[at] == "\\":
                escaped = text[at + 1 : at + 2]
                if escaped not in ESCAPES:
                    raise BicepError(f"\\{escaped} is no escape", self.line)
                parts[-1] += ESCAPES[escaped]
                at += 2
            else:
                parts[-1] += text[at]
                at += 1
        self.add("string", parts)
        self.at = at + 1

    def end_of_interpolation(self, at):
        depth = 1
        while at < len(self.text) and self.text[at] != "\n":
            if self.text[at] == "'":
                nested = Lexer(self.text[at:], self.line)
                nested.string()
                at += nested.at
                continue
            depth += {"{": 1, "}": -1}.get(self.text[at], 0)
            if depth == 0:
                return at
            at += 1
        raise BicepError("the interpolation has no end", self.line)
