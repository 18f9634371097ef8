"""Reads `members.txt`: which member of which request an argument is."""

import re

PART = re.compile(r"(\w+)(?:\[(\d*)\]|\{([^}]*)\})?")


class Target:
    """A member of an operation's request, or of its answer."""

    def __init__(self, written, operation):
        if ":" in written:
            operation, _, written = written.partition(":")
        self.operation = operation
        self.is_answer = written.startswith(">")
        self.parts = [part(it) for it in re.split(r"\.(?![^{]*\})", written.removeprefix(">"))]


class Entry:
    """A type of resource."""

    def __init__(self, service, operation):
        self.service, self.operation = service, operation
        # By argument: its targets, none of them where it reaches no request.
        self.rows = {}
        # Required members that the provider adds: an operation and a path.
        self.added = set()


def part(written):
    """A member's name, whether it is a list or a map, and which of its elements is meant."""
    found = PART.fullmatch(written)
    if found is None:
        raise ValueError(f"members.txt: {written} is not a member")
    name, place, key = found.groups()
    if place is not None:
        return name, "[", place
    return (name, "{", key) if key is not None else (name, None, None)


def plain(at):
    """A place in a request, as `members.txt` writes it."""
    text = ""
    for it in at:
        text += f".{it}" if isinstance(it, str) else {"[": "[]", "{": "{}"}[it[0]]
    return text.removeprefix(".")


def read(file):
    """Every type."""
    table, entry = {}, None
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split("  ")
        match [it.strip() for it in words]:
            case _ if not line or line.startswith("#"):
                continue
            case [head] if not line.startswith(" "):
                type, _, made = head.partition(": ")
                service, operation = made.split()
                if type in table:
                    raise ValueError(f"members.txt:{number}: {type} is there twice")
                entry = table[type] = Entry(service, operation)
            case ["", added, reason] if added.startswith("+ ") and reason:
                operation, _, path = added.removeprefix("+ ").rpartition(":")
                entry.added.add((operation or entry.operation, path))
            case ["", argument, targets] if argument not in entry.rows:
                if targets.startswith("- "):
                    entry.rows[argument] = []
                else:
                    entry.rows[argument] = [Target(it, entry.operation) for it in targets.split()]
            case _:
                raise ValueError(f"members.txt:{number}: {line!r} is not understood, or there twice")
    return table
