"""API Gateway needs a permission to call a function.

AWS: an integration calls its function as API Gateway, which the function's policy must allow for that method, or under
the role that the integration names. Without, the caller gets 500, Internal server error.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-permissions

ministack: calls every function as the account itself.
"""

import asyncio
import re

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import apigateway_v1, lambda_svc

from patches import judge

VERSION = "1.5.33"
SERVICE = apigateway_v1

PRINCIPAL = "apigateway.amazonaws.com"


async def invoke(original, integration, api_id, stage_name, stage, resource, request_path, method, *args, **more):
    account, region = more.get("owner_account_id") or get_account_id(), more.get("owner_region") or get_region()
    path = re.sub(r"\{[^}]*\}", "*", (resource or {}).get("path") or request_path)
    source = f"arn:aws:execute-api:{region}:{account}:{api_id}/{stage_name}/{method}{path}"
    function = apigateway_v1._extract_lambda_ref_from_integration_uri(integration.get("uri", ""))
    if not function.startswith("arn:"):
        function = f"arn:aws:lambda:{region}:{account}:function:{function}"
    with request_scope(account, region):
        why = _why(integration.get("credentials"), function, api_id, source)
    if why:
        return apigateway_v1._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
    return await original(integration, api_id, stage_name, stage, resource, request_path, method, *args, **more)


def _why(role, function, session, source):
    if role:
        return judge.under(role, PRINCIPAL, session, "lambda:InvokeFunction", function, source)
    policy = (lambda_svc.function_policy_for_arn(function) or ("",))[0]
    return judge.by_policy(policy, PRINCIPAL, "lambda:InvokeFunction", function, source)


INSTEAD = {"_invoke_lambda_proxy_v1": invoke, "_invoke_lambda_custom_v1": invoke}


def is_faithful():
    function = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:none"
    policies = {}
    found, lambda_svc.function_policy_for_arn = lambda_svc.function_policy_for_arn, lambda _: (policies, "")
    # The function does not exist, so the check only tests whether it would be called.
    called = []

    async def call(*args, **more):
        called.append(args)
        return None, "none"

    raw, apigateway_v1._call_lambda_raw = apigateway_v1._call_lambda_raw, call

    def is_called():
        called.clear()
        place = "api", "dev", {}, {"id": "one", "path": "/order/{id}"}, "/order/1", "GET"
        asyncio.run(apigateway_v1._invoke_lambda_proxy_v1({"uri": function}, *place, {}, b"", {}, {}))
        return bool(called)

    try:
        before = is_called()
        source = f"arn:aws:execute-api:{get_region()}:{get_account_id()}:api/dev/GET/order/*"
        policies["Statement"] = {
            "Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Action": "lambda:InvokeFunction",
            "Resource": function, "Condition": {"ArnLike": {"AWS:SourceArn": source}},
        }
        return not before and is_called()
    finally:
        lambda_svc.function_policy_for_arn = found
        apigateway_v1._call_lambda_raw = raw
