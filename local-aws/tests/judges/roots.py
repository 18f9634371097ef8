"""Reads a generated root back: every block, with a value in the place of each reference.

If a reference names an argument, it has the argument's value. If it names an attribute that AWS gives a
resource, `stand_in` makes up one of the right form. A reference or a function that is not known here is an error, so
that nothing goes unjudged.
"""

import json
from pathlib import Path

import expression
import policy_document
import stand_in

DATA = "data.aws_iam_policy_document"


class Block:
    """A resource or a data source, with its values."""

    def __init__(self, root, module, kind, type, name, body):
        self.root, self.module, self.kind, self.type, self.name, self.body = root, module, kind, type, name, body
        here = f"{'data.' if kind == 'data' else ''}{type}.{name}"
        self.address = f"{root.name}: " + (f"module.{module}." if module else "") + here
        self.read = False

    def value(self, argument):
        """An argument's value, with every reference in it replaced."""
        return self.root.value(self.body[argument], self.module)

    def values(self):
        """All arguments. Comments and what only Terraform reads are none."""
        return {it: self.value(it) for it in self.body if it not in ("//", "depends_on", "lifecycle")}


class Root:
    """A folder that Terraform runs in."""

    def __init__(self, folder, name):
        self.name = name
        self.folders = {None: Path(folder)}
        self.sections = {None: sections(folder)}
        provider = self.sections[None]["provider"]["aws"]
        (self.account,) = provider["allowed_account_ids"]
        self.region = provider["region"]
        self.calls = self.sections[None].get("module", {})
        for module, call in self.calls.items():
            self.folders[module] = self.folders[None] / call["source"]
            self.sections[module] = sections(self.folders[module])
        self.blocks = [
            Block(self, module, kind, type, block, body)
            for module, parts in self.sections.items()
            for kind in ("data", "resource")
            for type, blocks in parts.get(kind, {}).items()
            for block, body in blocks.items()
        ]
        self.by_address = {(it.module, it.kind, it.type, it.name): it for it in self.blocks}

    def resources(self):
        """The resources that Terraform creates."""
        return [it for it in self.blocks if it.kind == "resource"]

    def value(self, value, module):
        """A value as AWS would see it."""
        if isinstance(value, dict):
            return {name: self.value(it, module) for name, it in value.items() if name != "//"}
        if isinstance(value, list):
            return [self.value(it, module) for it in value]
        if isinstance(value, str):
            return expression.text(value, Scope(self, module))
        return value


class Scope:
    """The values of names within one module."""

    def __init__(self, root, module, given=None):
        self.root, self.module, self.given = root, module, given

    def name(self, parts):
        """The value of a name with dots."""
        root, dotted = self.root, ".".join(parts)
        match parts:
            case [given] if self.given is not None and given in self.given:
                return self.given[given]
            case ["path", "module"]:
                return str(root.folders[self.module])
            case ["var", variable]:
                call = root.calls.get(self.module, {})
                if variable in call:
                    return root.value(call[variable], None)
                return root.sections[self.module]["variable"][variable]["default"]
            case ["module", module, output] if self.module is None:
                return root.value(root.sections[module]["output"][output]["value"], module)
            case ["data", "aws_iam_policy_document", name, "json"]:
                block = self.block("data", "aws_iam_policy_document", name)
                block.read = True
                return json.dumps(policy_document.render(block.values()))
            case [type, name, attribute] if type.startswith("aws_"):
                return stand_in.attribute(self.block("resource", type, name), attribute)
        raise ValueError(f"`{dotted}` in {root.name}, module {self.module}, is not understood")

    def block(self, kind, type, name):
        """A block of this module."""
        found = self.root.by_address.get((self.module, kind, type, name))
        if found is None:
            raise ValueError(f"{type}.{name} is not in {self.root.name}, module {self.module}")
        return found

    def call(self, function, arguments):
        """The result of a function of Terraform."""
        match function, arguments:
            case "file", [path]:
                return Path(path).read_text(encoding="utf-8")
            case "templatefile", [path, given]:
                text = Path(path).read_text(encoding="utf-8")
                return expression.text(text, Scope(self.root, self.module, given))
            case "filebase64sha256", [_]:
                # Of a zip that need not be there: the hash of nothing has the same form.
                return "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
            case "replace", [text, old, new]:
                return text.replace(old, new)
        raise ValueError(f"the function {function} in {self.root.name} is not understood")


def sections(folder):
    """All `.tf.json` files of a folder as one."""
    merged = {}
    for file in sorted(Path(folder).glob("*.tf.json")):
        for section, part in json.loads(file.read_text(encoding="utf-8")).items():
            merge(merged.setdefault(section, {}), part, file)
    return merged


def merge(into, part, file):
    # `moved`, `removed` and `import` blocks come in lists, and hold nothing that AWS sees.
    if isinstance(part, list):
        return
    for name, value in part.items():
        if name in into and isinstance(value, dict) and isinstance(into[name], dict):
            merge(into[name], value, file)
        elif name in into:
            raise ValueError(f"{file}: {name} is there twice")
        else:
            into[name] = value


def read(generated):
    """Every root below a folder: each folder with a provider."""
    generated = Path(generated)
    folders = sorted(it.parent for it in generated.rglob("providers.tf.json"))
    if not folders:
        raise ValueError(f"there is no root below {generated}")
    return [Root(it, it.relative_to(generated).as_posix()) for it in folders]
