"""AWS's Query protocol, with flat parameters in requests and XML in responses. Two patches use it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/making-api-requests.html
"""

from xml.sax.saxutils import escape


def read(params):
    """Returns the nested values of parameters such as `Dimensions.member.1.Name`. All values are text."""
    tree = {}
    for name, values in params.items():
        *path, last = name.split(".")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node[last] = values[0]
    return _with_lists(tree)


def _with_lists(node):
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"}:
        members = sorted(node["member"].items(), key=lambda it: int(it[0]))
        return [_with_lists(it) for _, it in members]
    return {name: _with_lists(it) for name, it in node.items()}


def write(name, value):
    """Returns an XML element, or nothing without a value, as AWS does."""
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        inner = "".join(write("member", it) for it in value)
    elif isinstance(value, dict):
        inner = "".join(write(field, it) for field, it in value.items())
    elif isinstance(value, bool):
        inner = str(value).lower()
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"
