"""The input of a request, by the names and types of the members: from JSON, XML and forms.

A name that no member has becomes `Stray`, and a value that is not of the member's type becomes `Wrong`: both are
for `tree.py` to find.
"""

import base64
import binascii
import json
import re


class Stray(str):
    """The name of something that is not a member."""


class Wrong:
    """Something that is not a value of the type."""

    def __init__(self, found):
        self.found = found

    def __repr__(self):
        return repr(self.found)


class Unread:
    """A body of any length, which the recorder left out."""


class Unreadable(Exception):
    """The body cannot be read at all. The text says why."""


# https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(\.\d+)? GMT")
NUMBER = re.compile(r"-?(0|[1-9]\d*)")
FLOATS = ("NaN", "Infinity", "-Infinity")


def of_time(shape, value, usual):
    """Seconds, where it is a time in the format of the member, or in the usual one of its place."""
    match shape.serialization.get("timestampFormat", usual):
        case "iso8601":
            is_time = isinstance(value, str) and DATE_TIME.fullmatch(value)
        case "rfc822":
            is_time = isinstance(value, str) and HTTP_DATE.fullmatch(value)
        case _:
            is_time = re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", str(value))
    return 0.0 if is_time else Wrong(value)


def of_text(shape, text):
    """A value that is written as text: in a path, a query, a header, a form or an element."""
    match shape.type_name:
        case "string":
            return text
        case "integer" | "long":
            return int(text) if NUMBER.fullmatch(text) else Wrong(text)
        case "float" | "double":
            try:
                return float(text)
            except ValueError:
                return Wrong(text)
        case "boolean":
            return text == "true" if text in ("true", "false") else Wrong(text)
        case "timestamp":
            return of_time(shape, text, "iso8601")
        case "blob":
            return of_base64(text)
    return Wrong(text)


def of_base64(text):
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        return Wrong(text)


def json_of(body):
    try:
        return json.loads(body)
    except ValueError as error:
        raise Unreadable(f"it is not JSON: {error}") from error


def of_json(shape, value, members=None):
    """A value of JSON. `members` are those that the body may have, where it may not have all."""
    match shape.type_name:
        case "structure" if shape.is_document_type:
            return value
        case "structure" if isinstance(value, dict):
            names = {it.serialization.get("name", name): name for name, it in (members or shape.members).items()}
            found = {}
            for sent, it in value.items():
                if it is None:
                    # The same as nothing: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
                    continue
                name = names.get(sent)
                found[name or Stray(sent)] = of_json(shape.members[name], it) if name else it
            return found
        case "list" if isinstance(value, list):
            return [of_json(shape.member, it) for it in value]
        case "map" if isinstance(value, dict):
            return {key: of_json(shape.value, it) for key, it in value.items()}
        case "blob" if isinstance(value, str):
            return of_base64(value)
        case "timestamp":
            return of_time(shape, value, "unixTimestamp")
        case "float" | "double" if value in FLOATS:
            return float(value)
    # Whether it is of the type is for `tree.py` to say.
    return value


class Fields:
    """A part of a form: the value at this name, and what is below it."""

    def __init__(self):
        self.value, self.below = None, {}


def of_form(shape, form):
    """The input in a form, except the parameters that every form has."""
    root = Fields()
    for name, value in form.items():
        if name not in ("Action", "Version"):
            at = root
            for part in name.split("."):
                at = at.below.setdefault(part, Fields())
            at.value = value
    return of_fields(shape, root) if shape else {Stray(name): "" for name in root.below}


def of_fields(shape, fields):
    match shape.type_name:
        case "structure":
            return structure_of(shape, fields)
        case "list" | "map" if fields.value == "" and not fields.below:
            return [] if shape.type_name == "list" else {}
        case "list":
            below = fields.below
            if not shape.serialization.get("flattened"):
                below = below_one(fields, shape.member.serialization.get("name", "member"))
            items = numbered(below)
            return [of_fields(shape.member, it) for it in items] if items else Wrong(list(fields.below))
        case "map":
            items = numbered(fields.below if shape.serialization.get("flattened") else below_one(fields, "entry"))
            keys = [shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")]
            if not items or any(sorted(it.below) != sorted(keys) for it in items):
                return Wrong(list(fields.below))
            return {it.below[keys[0]].value: of_fields(shape.value, it.below[keys[1]]) for it in items}
    if fields.below or fields.value is None:
        return Wrong(list(fields.below))
    return of_text(shape, fields.value)


def structure_of(shape, fields):
    names = {}
    for name, member in shape.members.items():
        at = member.serialization.get("name", name)
        if member.type_name == "list" and member.serialization.get("flattened"):
            at = member.member.serialization.get("name", at)
        names[at] = name
    found = {}
    for sent, it in fields.below.items():
        name = names.get(sent)
        found[name or Stray(sent)] = of_fields(shape.members[name], it) if name else it.value
    return found if fields.value is None else Wrong(fields.value)


def below_one(fields, name):
    """The value below the only name that is allowed."""
    return fields.below[name].below if list(fields.below) == [name] else {}


def numbered(below):
    """The values below 1, 2, 3 and so on. None if the names are others."""
    wanted = [str(it) for it in range(1, len(below) + 1)]
    return [below[it] for it in wanted] if set(below) == set(wanted) else []


def of_xml(shape, node, members=None):
    """The content of an element."""
    match shape.type_name:
        case "structure":
            return structure_of_xml(members or shape.members, node)
        case "list":
            name = shape.member.serialization.get("name", "member")
            return [of_xml(shape.member, it) if local(it.tag) == name else Wrong(local(it.tag)) for it in node]
        case "map":
            raise ValueError(f"{shape.name}: maps in XML are not understood")
    text = node.text or ""
    if len(node):
        return Wrong([local(it.tag) for it in node])
    return of_text(shape, text if shape.type_name == "string" else text.strip())


def structure_of_xml(members, node):
    attributes, names, found = {}, {}, {}
    for name, member in members.items():
        at = member.serialization.get("name", name)
        target = attributes if member.serialization.get("xmlAttribute") else names
        target[local(at.rpartition(":")[2]) if target is attributes else at] = name
    for at, text in node.attrib.items():
        name = attributes.get(local(at))
        found[name or Stray(local(at))] = text
    for it in node:
        name = names.get(local(it.tag))
        if name is None:
            found[Stray(local(it.tag))] = it.text
        elif members[name].serialization.get("flattened"):
            found.setdefault(name, []).append(of_xml(members[name].member, it))
        elif name in found:
            found[name] = Wrong(f"<{local(it.tag)}> is there twice")
        else:
            found[name] = of_xml(members[name], it)
    return found


def local(tag):
    """A name without its namespace."""
    return tag.rpartition("}")[2]
