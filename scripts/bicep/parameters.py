"""Files of parameters against the file that they are for."""

import json
import re

from arm_types import suggestion
from checker import Checker
from declared import Declared
from files import File
from syntax import Node, parse, text_of


def of_bicepparam(path, types):
    """`using` a file, and a `param` for each value."""
    declarations = parse(path.read_text(encoding="utf-8"))
    using = next((one for one in declarations if one.kind == "using"), None)
    if using is None:
        return [(1, "the file does not say which one it is for: using '…'")]
    target = path.parent / (text_of(using.file) or "")
    if not target.is_file():
        return [(using.line, f"there is no file {text_of(using.file)!r}")]
    values = {one.name: one.value for one in declarations if one.kind == "param"}
    lines = {one.name: one.line for one in declarations if one.kind == "param"}
    return against(File.load(target), values, lines, types)


def of_json(path, types):
    """The form of the resource manager; azd puts values of the environment in the place of `${NAME}`."""
    given = json.loads(path.read_text(encoding="utf-8")).get("parameters", {})
    target = path.with_name(path.name.replace(".parameters.json", ".bicep"))
    values = {name: node_of(one.get("value")) for name, one in given.items()}
    return against(File.load(target), values, dict.fromkeys(values, 1), types)


def against(file, values, lines, types):
    teller = Checker(file, types)
    for name, value in values.items():
        parameter = file.parameters.get(name)
        if parameter is None:
            teller.report(lines[name], f"{file.path.name} has no param {name!r}{suggestion(name, file.parameters)}")
        elif value is not None:
            Declared(teller).given(value, parameter, name)
    for name in file.required():
        if name not in values:
            teller.report(1, f"the param {name!r} is not given")
    return sorted(teller.found)


def node_of(value):
    """A value of JSON as an expression; of one that the environment gives, its default, and else nothing is said of it."""
    if isinstance(value, str):
        environment = re.fullmatch(r"\$\{[A-Z_]+(=(.*))?\}", value)
        if environment:
            return (
                Node("string", 1, parts=[environment[2]]) if environment[2] else Node("call", 1, function="environment")
            )
        return Node("string", 1, parts=[value])
    if isinstance(value, bool):
        return Node("bool", 1, value=value)
    if isinstance(value, int):
        return Node("number", 1, value=value)
    if isinstance(value, list):
        return Node("array", 1, items=[node_of(one) for one in value])
    properties = [Node("property", 1, key=key, value=node_of(one)) for key, one in value.items()]
    return Node("object", 1, properties=properties, nested=[])
