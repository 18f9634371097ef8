"""A call of Lambda needs the permission for its own action and resource.

AWS: each operation has an action of its own, and a call of an alias or a version is one of that, not of the function.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html

ministack: takes a part of the path for many: who may list aliases may change them. It drops the qualifier.
"""

import functools

from ministack.core import iam_actions

VERSION = "1.5.33"
SERVICE = iam_actions

# Operations whose action has another name than the operation.
ACTIONS = {
    "GetLayerVersionByArn": "GetLayerVersion",
    "Invoke": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
}


@functools.cache
def _routes():
    return iam_actions._load_botocore_routes("lambda")


def action(original, method, path):
    # If several paths match, use the one with the fewest variables.
    path = path.rstrip("/") or "/"
    found = [
        (specificity, name)
        for verb, pattern, name, specificity, _ in _routes()
        if verb == method and pattern.match(path)
    ]
    name = max(found)[1] if found else None
    return ACTIONS.get(name, name)


def resource(original, service, method, path, headers, body, query_params, region, account_id):
    arn = original(service, method, path, headers, body, query_params, region, account_id)
    qualifier = iam_actions._query_param(query_params, "Qualifier")
    if service == "lambda" and qualifier and path.endswith("/invocations") and arn.count(":") == 6:
        return f"{arn}:{qualifier}"
    return arn


INSTEAD = {"_lambda_action": action, "extract_resource_arn": resource}


def is_faithful():
    function = "/2015-03-31/functions/f"
    calls = {
        ("GET", function): "GetFunction",
        ("PUT", f"{function}/aliases/live"): "UpdateAlias",
        ("GET", f"{function}/aliases/live"): "GetAlias",
        ("GET", f"{function}/configuration"): "GetFunctionConfiguration",
        ("DELETE", f"{function}/policy/one"): "RemovePermission",
        ("POST", f"{function}/invocations"): "InvokeFunction",
        ("DELETE", "/2015-03-31/event-source-mappings/one"): "DeleteEventSourceMapping",
        ("POST", "/2015-03-31/nowhere"): None,
    }
    place = {}, b"", {"Qualifier": ["live"]}, "us-east-1", "111111111111"
    arn = iam_actions.extract_resource_arn("lambda", "POST", f"{function}/invocations", *place)
    return arn.endswith(":function:f:live") and all(
        iam_actions._lambda_action(*call) == name for call, name in calls.items()
    )
