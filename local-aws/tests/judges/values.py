"""Whether a value is one that a shape of botocore's models takes."""

import functools
import re
import sys
import unicodedata


def issues(shape, value):
    """The problem of a value: type, enum, length, range, pattern."""
    match shape.type_name:
        case "string":
            if not isinstance(value, (str, bool, int, float)):
                return ["type"]
            return text_issues(shape, text(value))
        case "integer" | "long":
            if isinstance(value, bool) or not isinstance(value, int):
                return ["type"]
            return range_issues(shape, value, "range")
        case "double" | "float":
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return ["type"]
            return range_issues(shape, value, "range")
        case "boolean":
            return [] if isinstance(value, bool) else ["type"]
        case "structure":
            return [] if value == {} else ["type"]
    raise ValueError(f"{shape.name}: values of the type {shape.type_name} are not understood")


def text(value):
    """A number or a truth as Terraform makes a text of it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def text_issues(shape, value):
    found = range_issues(shape, len(value), "length")
    if shape.enum and value not in shape.enum:
        found.append("enum")
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not compiled(pattern).fullmatch(value):
        found.append("pattern")
    return found


def range_issues(shape, size, issue):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    below = least is not None and size < least
    above = most is not None and size > most
    return [issue] if below or above else []


@functools.cache
def compiled(pattern):
    """A pattern of Java in Python, whose `re` has no categories of Unicode."""
    is_in_class = False

    def translated(found):
        nonlocal is_in_class
        token, name = found.group(0), found.group(1)
        if name is None:
            is_in_class = {"[": True, "]": False}.get(token, is_in_class)
            return token
        return category(name) if is_in_class else f"[{category(name)}]"

    return re.compile(re.sub(r"\\p\{(\w+)\}|\\.|\[|\]", translated, pattern))


# Java's character classes, within ASCII: https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html
POSIX = {"Alnum": "a-zA-Z0-9", "Alpha": "a-zA-Z", "Digit": "0-9", "Graph": "!-~", "Print": " -~", "ASCII": "\\x00-\\x7f"}


@functools.cache
def category(name):
    """The inside of a class of all letters of a category."""
    if name in POSIX:
        return POSIX[name]
    ranges, begin = [], None
    for point in range(sys.maxunicode + 2):
        is_in = point <= sys.maxunicode and unicodedata.category(chr(point)).startswith(name)
        if is_in and begin is None:
            begin = point
        elif not is_in and begin is not None:
            ranges.append(f"\\U{begin:08x}-\\U{point - 1:08x}")
            begin = None
    if not ranges:
        raise ValueError(f"the category {name} is not understood")
    return "".join(ranges)
