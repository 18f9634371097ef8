"""Every policy document of a root, as IAM gets it, with what it is attached to."""

import json

# The arguments that hold a policy document, and what kind of policy it is there.
ARGUMENTS = {
    ("aws_iam_policy", "policy"): "identity",
    ("aws_iam_role", "assume_role_policy"): "trust",
    ("aws_iam_role_policy", "policy"): "identity",
    ("aws_kms_key", "policy"): "key",
    ("aws_s3_bucket_policy", "policy"): "resource",
    ("aws_sns_topic_policy", "policy"): "resource",
    ("aws_sqs_queue_policy", "policy"): "resource",
}


class Document:
    """A document. A statement that may not name a resource, or names it as `*`, names here what it is attached to."""

    def __init__(self, block, argument, kind, document):
        self.address, self.kind = f"{block.address}.{argument}", kind
        self.statements = document["Statement"]
        if not isinstance(self.statements, list):
            self.statements = document["Statement"] = [self.statements]
        for statement in self.statements:
            self.attach(block, statement)
        self.text = json.dumps(document)

    def attach(self, block, statement):
        is_trust, is_identity = self.kind == "trust", self.kind == "identity"
        if is_identity == ("Principal" in statement or "NotPrincipal" in statement):
            raise ValueError(f"{self.address}: IAM asks who is meant of all documents but those of an identity")
        if is_trust == ("Resource" in statement or "NotResource" in statement):
            raise ValueError(f"{self.address}: IAM asks for resources in all documents but those of trust")
        if is_trust:
            statement["Resource"] = [f"arn:aws:iam::{block.root.account}:role/{block.value('name')}"]
        # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html: "*" is this key.
        elif self.kind == "key" and statement["Resource"] == "*":
            key = block.root.value(f"${{{block.type}.{block.name}.arn}}", block.module)
            statement["Resource"] = [key]


def documents(root):
    """All documents of a root."""
    found = []
    for block in root.resources():
        if block.type == "aws_lambda_permission":
            found.append(permission(block))
            continue
        for argument, value in block.values().items():
            kind = ARGUMENTS.get((block.type, argument))
            if kind is not None:
                found.append(Document(block, argument, kind, json.loads(value)))
            elif holds_a_policy(value):
                raise ValueError(
                    f"{block.address}: `{argument}` holds a policy document\n"
                    "  fix: say in ARGUMENTS in documents.py of which kind it is"
                )
    unread = [it.address for it in root.blocks if it.kind == "data" and not it.read]
    if unread:
        raise ValueError(f"nothing reads {', '.join(unread)}")
    return found


def holds_a_policy(value):
    """Whether a text anywhere in an argument is a policy document."""
    if isinstance(value, dict):
        return any(map(holds_a_policy, value.values()))
    if isinstance(value, list):
        return any(map(holds_a_policy, value))
    if not isinstance(value, str) or '"Statement"' not in value:
        return False
    try:
        return "Statement" in json.loads(value)
    except ValueError:
        return False


def permission(block):
    """The statement that Lambda adds to a function's policy for `AddPermission`.

    https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    """
    given = block.values()
    root = block.root
    resource = f"arn:aws:lambda:{root.region}:{root.account}:function:{given.pop('function_name')}"
    if "qualifier" in given:
        resource += f":{given.pop('qualifier')}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": given.pop("principal")},
        "Action": given.pop("action"),
        "Resource": resource,
    }
    conditions = {
        "source_arn": ("ArnLike", "aws:SourceArn"),
        "source_account": ("StringEquals", "aws:SourceAccount"),
    }
    for argument, (operator, key) in conditions.items():
        if argument in given:
            statement.setdefault("Condition", {})[operator] = {key: given.pop(argument)}
    if given:
        raise ValueError(f"{block.address}: {', '.join(given)} is not understood")
    return Document(block, "action", "resource", {"Version": "2012-10-17", "Statement": [statement]})
