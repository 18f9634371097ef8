"""The data source `aws_iam_policy_document`, as the JSON that the provider makes of it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}


def render(body):
    """The document."""
    body = dict(body)
    statements = [statement(it) for it in body.pop("statement")]
    if body:
        raise ValueError(f"aws_iam_policy_document with {', '.join(body)} is not understood")
    return {"Version": "2012-10-17", "Statement": statements}


def statement(body):
    body = dict(body)
    made = {"Effect": body.pop("effect", "Allow")}
    if "sid" in body:
        made["Sid"] = body.pop("sid")
    for argument, element in LISTS.items():
        if argument in body:
            made[element] = alone(body.pop(argument))
    for argument, element in PRINCIPALS.items():
        if argument in body:
            made[element] = principal(body.pop(argument))
    for condition in body.pop("condition", []):
        keys = made.setdefault("Condition", {}).setdefault(condition["test"], {})
        if condition["variable"] in keys:
            raise ValueError(f"{condition['variable']} is asked twice by {condition['test']}")
        keys[condition["variable"]] = alone(condition["values"])
    if body:
        raise ValueError(f"a statement with {', '.join(body)} is not understood")
    return made


def alone(values):
    """The provider writes one value without a list around it."""
    return values[0] if len(values) == 1 else values


def principal(blocks):
    if blocks == [{"identifiers": ["*"], "type": "*"}]:
        return "*"
    made = {}
    for block in blocks:
        made.setdefault(block["type"], []).extend(block["identifiers"])
    return {type: alone(it) for type, it in made.items()}
