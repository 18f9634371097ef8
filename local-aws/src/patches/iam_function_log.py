"""A function writes its log with the permissions of its role.

AWS: a function needs CreateLogStream and PutLogEvents on its log group. It runs without them, and leaves no log.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-permissions.html

ministack: writes the log as the account itself.
"""

from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from patches import judge

VERSION = "1.5.33"
SERVICE = lambda_svc

PRINCIPAL = "lambda.amazonaws.com"


def emit(original, func, *args, **more):
    config = func.get("config") or func
    name = config.get("FunctionName", "unknown")
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
    stream = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:{config.get('Version')}"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        if judge.under(config.get("Role", ""), PRINCIPAL, name, action, stream):
            return None
    return original(func, *args, **more)


INSTEAD = {"_emit_lambda_logs": emit}


def is_faithful():
    from ministack.services import cloudwatch_logs

    def is_written(name, statements):
        role = judge.role_of_check(name, PRINCIPAL, statements)
        config = {"FunctionName": name, "Role": role, "Version": "1"}
        lambda_svc._emit_lambda_logs({"config": config}, "request", "line", False, 1)
        return f"/aws/lambda/{name}" in cloudwatch_logs._log_groups

    allow = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    return is_written("may", [allow]) and not is_written("may-not", [])
