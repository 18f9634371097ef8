"""Policies may have variables and `NotPrincipal`.

AWS: `${aws:username}` in a resource or in a condition stands for the value of that key in the request; a key without a
value matches nothing, unless the variable has a default. A statement with `NotPrincipal` is about everybody else.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html

ministack: compares the variable itself, and reads over a statement with `NotPrincipal`, a Deny too.
"""

import dataclasses
import json
import re

from ministack.core import iam_evaluator

VERSION = "1.5.33"
SERVICE = iam_evaluator

VARIABLE = re.compile(r"\$\{([^},]+)(?:,\s*'([^']*)')?\}")
# A character that no resource and no value contains.
NOTHING = "\0"


def first_match(original, ctx, stmts, effect):
    return original(ctx, [_with_values(it, ctx) for it in stmts if it.effect == effect], effect)


def _with_values(stmt, ctx):
    # Most statements have no variable.
    if not any("${" in it for it in (*stmt.resources, *stmt.not_resources)) and "${" not in str(stmt.conditions):
        return stmt

    def value(found):
        given = iam_evaluator._resolve_condition_key(found[1], ctx)
        given = found[2] if given is None else given
        # A wildcard in a value must not match anything else.
        is_text = isinstance(given, str) and not set("*?") & set(given)
        return given if is_text else NOTHING

    def filled(it):
        if isinstance(it, str):
            return VARIABLE.sub(value, it)
        if isinstance(it, list):
            return [filled(item) for item in it]
        if isinstance(it, dict):
            return {name: filled(item) for name, item in it.items()}
        return it

    return dataclasses.replace(
        stmt,
        resources=filled(stmt.resources),
        not_resources=filled(stmt.not_resources),
        conditions=filled(stmt.conditions),
    )


def evaluate(original, doc, ctx, service=None, **more):
    if isinstance(doc, str) and "NotPrincipal" in doc:
        doc = json.loads(doc)
    if isinstance(doc, dict) and "NotPrincipal" in str(doc):
        statements = doc.get("Statement", [])
        statements = [statements] if isinstance(statements, dict) else statements
        doc = {**doc, "Statement": [_for_everybody_else(it, ctx, service) for it in statements]}
    return original(doc, ctx, service, **more)


def _for_everybody_else(stmt, ctx, service):
    excepted = stmt.get("NotPrincipal")
    if excepted is None:
        return stmt
    named = excepted if isinstance(excepted, str) else {"AWS": excepted.get("AWS", [])}
    is_excepted = iam_evaluator._principal_matches(named, ctx.principal_arn) or (
        service is not None and iam_evaluator._service_principal_matches(excepted, service)
    )
    return {**stmt, "Principal": {} if is_excepted else "*"}


INSTEAD = {"_first_match": first_match, "evaluate_resource_policy": evaluate}


def is_faithful():
    arn = "arn:aws:iam::111111111111:user/"

    def request(user, resource):
        keys = {"aws:username": user}
        return iam_evaluator.EvalContext(
            arn + user, "User", "111111111111", "s3:GetObject", resource, "us-east-1", principal_keys=keys
        )

    own = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "home/${aws:username}/*"}
    nobodys = {**own, "Resource": "home/${aws:nobody}/*"}
    default = {**own, "Resource": "home/${aws:nobody, 'all'}/*"}
    others = {"Effect": "Deny", "NotPrincipal": {"AWS": arn + "a"}, "Action": "*", "Resource": "*"}

    def allows(statement, resource):
        policy = iam_evaluator.parse_policy_document({"Statement": statement})
        return iam_evaluator.evaluate(request("a", resource), [policy]).decision == "Allow"

    def denies(user):
        policy = json.dumps({"Statement": others})
        return iam_evaluator.evaluate_resource_policy(policy, request(user, "x")).decision == "Deny"

    return (
        (allows(own, "home/a/x"), allows(own, "home/b/x"), allows(nobodys, "home//x")) == (True, False, False)
        and allows(default, "home/all/x")
        and (denies("a"), denies("b")) == (False, True)
    )
