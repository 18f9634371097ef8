"""Judges what a request sends by the shape of its operation's input: members, types, enums, lengths, ranges, patterns."""

import values
import wire

# The text that a finding shows for a value that the model calls sensitive.
SECRET = "(a secret)"


class Tree:
    """The judgement of one request."""

    def __init__(self):
        # How many values were judged.
        self.values = 0
        # Triples: the issue, what is wrong, and the member.
        self.findings = []

    def judge(self, shape, value, at="", is_secret=False):
        is_secret = is_secret or bool(shape.metadata.get("sensitive"))
        if isinstance(value, wire.Unread) or getattr(shape, "is_document_type", False):
            self.values += 1
        elif shape.type_name == "structure" and isinstance(value, dict):
            self.structure(shape, value, at, is_secret)
        elif shape.type_name == "list" and isinstance(value, list):
            self.size(shape, value, at)
            for it in value:
                self.judge(shape.member, it, f"{at}[]", is_secret)
        elif shape.type_name == "map" and isinstance(value, dict):
            self.size(shape, value, at)
            for key, it in value.items():
                self.judge(shape.key, key, f"{at}{{}}", is_secret)
                self.judge(shape.value, it, f"{at}{{}}", is_secret)
        else:
            self.values += 1
            for issue in leaf_issues(shape, value):
                self.find(issue, shape, SECRET if is_secret else repr(value), at)

    def structure(self, shape, value, at, is_secret):
        for name, it in value.items():
            place = f"{at}.{name}".removeprefix(".")
            if isinstance(name, wire.Stray):
                shown = SECRET if is_secret else repr(it)
                self.find("unknown member", shape, f"{name}: {shown}", place)
            else:
                self.judge(shape.members[name], it, place, is_secret)
        for name in shape.required_members:
            if name not in value:
                self.find("required", shape, f"no {name}", f"{at}.{name}".removeprefix("."))
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            self.find("union", shape, f"{len(value)} of its members", at)

    def size(self, shape, value, at):
        for issue in values.range_issues(shape, len(value), "length"):
            self.find(issue, shape, f"{len(value)} items", at)

    def find(self, issue, shape, what, at):
        self.findings.append((issue, f"{shape.name}: {what}"[:200], at))


def leaf_issues(shape, value):
    """The problem of a value that has no parts. Unlike Terraform's, a value of a request has its own type."""
    match shape.type_name:
        case "string":
            return values.text_issues(shape, value) if isinstance(value, str) else ["type"]
        case "blob":
            return values.range_issues(shape, len(value), "length") if isinstance(value, bytes) else ["type"]
        case "timestamp":
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            return [] if is_number else ["type"]
        case "integer" | "long" | "float" | "double" | "boolean":
            return values.issues(shape, value)
    # A structure, a list or a map that is something else.
    return ["type"]
