"""A resource's arguments as paths, each with its value."""


def leaves(given, rows):
    """Every value, with its path as `members.txt` writes it, and which element of each list and map it is."""
    prefixes = {row[:at] for row in rows for at in range(1, len(row) + 1)}
    for name, value in given.items():
        yield from below(name, (), value, prefixes)


def below(path, steps, value, prefixes):
    if isinstance(value, dict) and path + "{" in prefixes:
        for place, (key, it) in enumerate(value.items()):
            if path + "{#}" in prefixes:
                yield path + "{#}", (*steps, place), key
            yield from below(path + "{}", (*steps, place), it, prefixes)
    elif isinstance(value, dict) and value:
        for name, it in value.items():
            yield from below(f"{path}.{name}", steps, it, prefixes)
    elif isinstance(value, list) and path + "[" not in prefixes and len(value) == 1:
        # A block that may be there once.
        yield from below(path, steps, value[0], prefixes)
    elif isinstance(value, list) and path + "[" in prefixes:
        for place, it in enumerate(value):
            yield from below(path + "[]", (*steps, place), it, prefixes)
    elif value is not None:
        yield path, steps, value
