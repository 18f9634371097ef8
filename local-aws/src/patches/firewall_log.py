"""A web ACL can log.

AWS: PutLoggingConfiguration stores the destination of a web ACL's log, GetLoggingConfiguration returns it, and
DeleteLoggingConfiguration removes it.
https://docs.aws.amazon.com/waf/latest/APIReference/API_PutLoggingConfiguration.html

ministack: knows none of the three.
"""

import json

from ministack.core.responses import AccountRegionScopedDict, json_response
from ministack.services import waf

VERSION = "1.5.33"
SERVICE = waf

_configurations = AccountRegionScopedDict()


def put(data):
    configuration = data["LoggingConfiguration"]
    _configurations[configuration["ResourceArn"]] = configuration
    return json_response({"LoggingConfiguration": configuration})


def get(data):
    configuration = _configurations.get(data["ResourceArn"])
    if configuration is None:
        return waf._waf_err("WAFNonexistentItemException", "There is no logging configuration.")
    return json_response({"LoggingConfiguration": configuration})


def delete(data):
    _configurations.pop(data["ResourceArn"], None)
    return json_response({})


ACTIONS = {
    "PutLoggingConfiguration": put,
    "GetLoggingConfiguration": get,
    "DeleteLoggingConfiguration": delete,
}


async def handle(original, method, path, headers, body, query_params):
    target = headers.get("x-amz-target") or headers.get("X-Amz-Target") or ""
    action = ACTIONS.get(target.split(".")[-1])
    if action is None:
        return await original(method, path, headers, body, query_params)
    return action(json.loads(body))


INSTEAD = {"handle_request": handle}


def is_faithful():
    arn = "arn:aws:wafv2:us-east-1:111111111111:regional/webacl/acl/1"
    configuration = {"ResourceArn": arn, "LogDestinationConfigs": ["arn:aws:logs:group"]}

    def asked(action, **data):
        headers = {"x-amz-target": f"AWSWAF_20190729.{action}"}
        body = json.dumps(data).encode()
        request = waf.handle_request("POST", "/", headers, body, {})
        try:
            # The coroutine never waits, so it ends at the first step.
            request.send(None)
        except StopIteration as answer:
            return answer.value
        raise AssertionError("WAF waits")

    asked("PutLoggingConfiguration", LoggingConfiguration=configuration)
    said = json.loads(asked("GetLoggingConfiguration", ResourceArn=arn)[2])
    asked("DeleteLoggingConfiguration", ResourceArn=arn)
    gone = asked("GetLoggingConfiguration", ResourceArn=arn)
    return said.get("LoggingConfiguration") == configuration and gone[0] == 400
