"""Reads the schema of a provider release back out of published bindings, in the shape of `terraform providers schema -json`.

    python3 crates/infra-core/schemas/bindings.py 6.69.1 > schema.json
    cargo run -p infra-gen -- schema --release 6.69.1 --from schema.json

The AWS provider is a program of 700 MB that only Terraform's registry has. The bindings of CDK for Terraform are made of its
schema, and their JavaScript says of each argument whether it is required, optional or computed, a block or an argument, and of
which type. It does not say what is deprecated or sensitive, how many of a block there may be beyond one, or what is in a WAF
`statement`. All of that is taken from the oldest vendored schema, which Terraform printed, and from DEPRECATED below. Older
packages do not say of what can be set whether it is computed as well; no check asks.

If the registry can be reached, `infra-gen schema --release VERSION` asks the provider itself.
"""

import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

# Each release: the package on PyPI whose bindings are made of it, and the hash of its wheel.
PACKAGES = {
    "6.0.0": ("cdktf-cdktf-provider-aws==21.0.0", "7d34856058a762524a6a895d1d75b13dcf0ccfa5da363cc594b47ca3df2da7ce"),
    "6.69.1": ("cdktn-provider-aws==25.8.1", "2ffa579cb88b063cb3a9937e43c519391e876845768f51638a848bdf2ce9f354"),
}

# Deprecations of the provider after BASE, by the release that made them. pulumi-aws 7.51.1 (PyPI), which is generated from the provider
# as well, has the provider's words for each; of indexes: https://github.com/hashicorp/terraform-provider-aws/issues/46197
DEPRECATED = {
    "6.69.1": [
        "aws_dynamodb_table.global_secondary_index.hash_key",
        "aws_dynamodb_table.global_secondary_index.range_key",
        "aws_s3_bucket_lifecycle_configuration.expected_bucket_owner",
        "aws_s3_bucket_server_side_encryption_configuration.expected_bucket_owner",
        "aws_s3_bucket_versioning.expected_bucket_owner",
    ],
}

HERE = pathlib.Path(__file__).parent
BASE = "5.100.0"
PROVIDER = "registry.terraform.io/hashicorp/aws"

MADE = (
    "Read out of the bindings {package} (PyPI), which are made of hashicorp/aws {version}, by schemas/bindings.py. "
    "Facts that bindings lack are those of " + BASE + ": deprecated, sensitive, counts of blocks beyond one, the statements of WAF."
)

# `get name() { return this.getStringAttribute('name'); }`
GETTER = re.compile(r"^    get (\w+)\(\) \{\n(?:        //[^\n]*\n)*        return ([^\n]*);\n", re.M)
# `_timeouts = new SqsQueueTimeoutsOutputReference(this, "timeouts");`
NESTED = re.compile(r"^ +(?:this\.)?_(\w+) = new ([\w.]+)\(this, \"(\w+)\"(?:, (true|false))?\);\n", re.M)
# `// arn - computed: true, optional: false, required: false`. Older packages say it of few.
COMPUTED = re.compile(r"^ +// (\w+) - computed: true, ", re.M)
CLASS = re.compile(r"^class (\w+) extends cdkt[fn]\.(\w+) \{\n(.*?)^\}\n", re.M | re.S)
ARGUMENTS = re.compile(r"^        (?:const )?attrs = \{\n(.*?)^        \};\n|^    const attrs = \{\n(.*?)^    \};\n", re.M | re.S)
ARGUMENT = re.compile(r"^ +(\w+): \{\n +value: [^\n]*\n +isBlock: (true|false),\n +type: \"(\w+)\",\n", re.M)

SCALARS = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getStringMapAttribute": ["map", "string"],
    "getNumberMapAttribute": ["map", "number"],
    "getBooleanMapAttribute": ["map", "bool"],
    "getAnyMapAttribute": ["map", "dynamic"],
    "interpolationForAttribute": "dynamic",
}
MAPS = {"StringMap": "string", "NumberMap": "number", "BooleanMap": "bool", "AnyMap": "dynamic"}


class Source:
    """The JavaScript of one type."""

    def __init__(self, text):
        self.classes = {name: body for name, _, body in CLASS.findall(text)}
        self.resource = next(name for name, base, _ in CLASS.findall(text) if base in ("TerraformResource", "TerraformDataSource"))
        self.functions = dict(re.findall(r"^function (\w+)ToHclTerraform\(struct\) \{\n(.*?)^\}\n", text, re.M | re.S))

    def block(self, name, of=None):
        """The JSON type of a block whose members are in a class."""
        body = self.classes[name]
        if name == self.resource:
            arguments = body
        else:
            struct = of or name.removesuffix("OutputReference").removesuffix("List")
            arguments = self.functions[struct[0].lower() + struct[1:]]
        arguments = {found[0]: found[1] == "true" for block in ARGUMENTS.findall(arguments) for found in ARGUMENT.findall("".join(block))}
        nested = {name: found for name, *found in NESTED.findall(body)}
        computed = set(COMPUTED.findall(body))
        attributes, blocks = {}, {}
        for getter, returns in GETTER.findall(body):
            scalar = re.search(r"this\.(\w+)\('(\w+)'\)", returns)
            if getter in nested:
                of, name, is_set = nested[getter]
            elif scalar:
                of, name, is_set = None, scalar[2], None
            elif getter.endswith("Input"):
                # The `_input` property repeats the same member.
                continue
            else:
                sys.exit(f"{name}: what {getter} is cannot be read")
            method = getter[0].upper() + getter[1:]
            flags = {}
            if f"    set {getter}(" in body or f"    put{method}(" in body:
                # An optional argument has a method that resets it.
                flags["optional" if f"    reset{method}(" in body else "required"] = True
            if name in computed or not flags:
                flags["computed"] = True
            self.member(name, flags, of, is_set == "true", returns, arguments, attributes, blocks)
        block = {}
        if attributes:
            block["attributes"] = attributes
        if blocks:
            block["block_types"] = blocks
        return block

    def member(self, name, flags, of, is_set, returns, arguments, attributes, blocks):
        if of is None or of.startswith("cdkt"):
            attributes[name] = flags | {"type": scalar_of(returns) if of is None else maps_of(of, is_set)}
            return
        is_list = of.endswith("List") or of.endswith("Map")
        item = of.removesuffix("List").removesuffix("Map") + "OutputReference" if is_list else of
        if arguments.get(name):
            mode = "single" if name == "timeouts" else "set" if is_set else "list"
            blocks[name] = {"block": self.block(item), "nesting_mode": mode}
            if not is_list and name != "timeouts":
                blocks[name]["max_items"] = 1
            if "required" in flags:
                blocks[name]["min_items"] = 1
        else:
            inner = ["object", object_of(self.block(item))]
            kind = "map" if of.endswith("Map") else "set" if is_set else "list"
            attributes[name] = flags | {"type": [kind, inner] if is_list else inner}


def scalar_of(returns):
    """The type of what `this.getStringAttribute('name')` returns."""
    type_ = SCALARS[re.search(r"this\.(\w+)\(", returns)[1]]
    return ["set", type_[1]] if "Fn.tolist(" in returns else type_


def maps_of(of, is_set):
    """The type of a member that is made of one of the library's own classes, such as `cdktn.StringMapList`."""
    found = re.fullmatch(r"cdkt[fn]\.(\w+Map)(List)?", of)
    element = ["map", MAPS[found[1]]]
    return ["set" if is_set else "list", element] if found[2] else element


def object_of(block):
    """The fields of an object, which is how Terraform prints nested attributes that are computed."""
    fields = {name: it["type"] for name, it in block.get("attributes", {}).items()}
    for name, it in block.get("block_types", {}).items():
        fields[name] = [it["nesting_mode"], ["object", object_of(it["block"])]]
    return fields


def complete(block, base):
    """Adds what the bindings do not say, where the older release has the same member."""
    for name, it in block.get("attributes", {}).items():
        before = base.get("attributes", {}).get(name, {})
        it.update({flag: True for flag in ("deprecated", "sensitive") if before.get(flag)})
    older = base.get("block_types", {})
    for name in [name for name in block.get("attributes", {}) if block["attributes"][name]["type"] == "dynamic" and name in older]:
        del block["attributes"][name]
        block.setdefault("block_types", {})[name] = older[name]
    for name, it in block.get("block_types", {}).items():
        before = older.get(name)
        if before is None or before is it:
            continue
        if before.get("min_items", 0) > 1 and "min_items" in it:
            it["min_items"] = before["min_items"]
        if before.get("max_items", 0) > 1 and "max_items" not in it:
            it["max_items"] = before["max_items"]
        if before["block"].get("deprecated"):
            it["block"]["deprecated"] = True
        complete(it["block"], before["block"])


def deprecate(schemas, path):
    """Marks one member, by `aws_type.block.argument`."""
    tf_type, *blocks, name = path.split(".")
    block = schemas[tf_type]["block"]
    for it in blocks:
        block = block["block_types"][it]["block"]
    member = block.get("attributes", {}).get(name) or block["block_types"][name]["block"]
    member["deprecated"] = True


def download(package, digest, folder):
    """The JavaScript inside a package, as a tar file."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package} --hash=sha256:{digest}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    subprocess.run([*pip, "--dest", folder, "--requirement", requirements], check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        name = next(it for it in wheel.namelist() if it.endswith(".jsii.tgz"))
        return wheel.extract(name, folder)


def sources(archive, names):
    """The text of each type, by the name of its folder."""
    texts = {}
    with tarfile.open(archive) as tar:
        for entry in tar:
            parts = entry.name.split("/")
            if parts[:2] == ["package", "lib"] and parts[-1] == "index.js" and len(parts) == 4 and parts[2] in names:
                texts[parts[2]] = tar.extractfile(entry).read().decode()
    return texts


def numbers(version):
    return [int(it) for it in version.split(".")]


def schema(version):
    package, digest = PACKAGES[version]
    base = json.loads((HERE / f"hashicorp-aws-{BASE}.json").read_text())
    sections = {"resource_schemas": "", "data_source_schemas": "data-aws-"}
    folders = {
        (section, tf_type): prefix + tf_type.removeprefix("aws_").replace("_", "-")
        for section, prefix in sections.items()
        for tf_type in base[section]
    }
    with tempfile.TemporaryDirectory() as folder:
        texts = sources(download(package, digest, pathlib.Path(folder)), set(folders.values()))
    cut = {section: {} for section in sections}
    for (section, tf_type), name in folders.items():
        if f"aws/{version}/" not in texts[name]:
            sys.exit(f"{package} is not made of hashicorp/aws {version}")
        source = Source(texts[name])
        block = source.block(source.resource)
        complete(block, base[section][tf_type]["block"])
        cut[section][tf_type] = {"block": block}
    for seen_in, paths in DEPRECATED.items():
        if numbers(seen_in) <= numbers(version):
            for path in paths:
                deprecate(cut["resource_schemas"], path)
    return {"made": MADE.format(package=package, version=version), "provider_schemas": {PROVIDER: cut}}


if __name__ == "__main__":
    json.dump(schema(sys.argv[1]), sys.stdout, indent=1, sort_keys=True)
