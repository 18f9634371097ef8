"""A state machine has only the permissions of its role.

AWS: each task is a call under the machine's role, and one that the role may not make fails with AccessDenied. A machine
with logs needs eight rights to deliver them, and is refused without.
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy

ministack: makes each call as the account itself.
"""

import contextvars
import json

from ministack.core import iam_actions
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import stepfunctions

from patches import judge

VERSION = "1.5.33"
SERVICE = stepfunctions

PRINCIPAL = "states.amazonaws.com"
LOG_RIGHTS = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
]

# The optimized integrations that can be checked: their service and action.
OPTIMISED = {
    "dynamodb:deleteItem": ("dynamodb", "DeleteItem"),
    "dynamodb:getItem": ("dynamodb", "GetItem"),
    "dynamodb:putItem": ("dynamodb", "PutItem"),
    "dynamodb:updateItem": ("dynamodb", "UpdateItem"),
    "events:putEvents": ("events", "PutEvents"),
    "sns:publish": ("sns", "Publish"),
    "sqs:sendMessage": ("sqs", "SendMessage"),
}

# The machine of the running task: its ARN, name and role.
_machine = contextvars.ContextVar("machine", default=None)


def execute(original, state_def, raw_input, execution, ctx):
    machine = stepfunctions._state_machines.get((execution or {}).get("stateMachineArn", ""))
    of = machine and (machine["stateMachineArn"], machine["name"], machine["roleArn"])
    token = _machine.set(of)
    try:
        return original(state_def, raw_input, execution, ctx)
    finally:
        _machine.reset(token)


def invoke(original, resource, input_data):
    _check(resource, input_data)
    return original(resource, input_data)


def call_back(original, resource, input_data, token, state_def):
    _check(resource, input_data)
    return original(resource, input_data, token, state_def)


def _check(resource, given):
    # A worker polls for tasks of activities by itself.
    if ":activity:" in resource:
        return
    if _machine.get() is None:
        raise stepfunctions._ExecutionError("States.Runtime", f"{resource} has no machine, so no role to call it under")
    arn, name, role = _machine.get()
    for prefix, action, on, context in _calls(resource, given):
        why = judge.under(role, PRINCIPAL, name, action, on, arn, context)
        if why:
            error = "Lambda.AWSLambdaException" if prefix == "Lambda" else f"{prefix}.AccessDeniedException"
            raise stepfunctions._ExecutionError(error, why)


def _calls(resource, given):
    """Returns the calls of a task, each with the prefix of its errors, its action, its resource and its condition keys."""
    resource = resource.replace(".waitForTaskToken", "")
    function = stepfunctions._extract_lambda_ref(resource)
    if function or "states:::lambda:invoke" in resource:
        return [("Lambda", "lambda:InvokeFunction", _function(function or given.get("FunctionName", "")), None)]
    integration = resource.rpartition(":::")[2]
    if integration.startswith("states:startExecution"):
        machine = given.get("StateMachineArn", "")
        return [("StepFunctions", "states:StartExecution", machine, None)]
    if integration in OPTIMISED:
        service, action = OPTIMISED[integration]
        prefix = {"dynamodb": "DynamoDB", "events": "EventBridge"}.get(service, service.upper())
        return [(prefix, *it) for it in _requests(service, action, given)]
    if integration.startswith("aws-sdk:"):
        return _sdk_calls(*integration.split(":")[1:3], given)
    return [("States", f"{integration.partition(':')[0]}:UnknownAction", "*", None)]


def _sdk_calls(name, action, given):
    info = stepfunctions._AWS_SDK_SERVICE_MAP.get(name.lower(), {})
    service = info.get("service_key", name.lower())
    prefix = stepfunctions._AWS_SDK_ERROR_PREFIX.get(name.lower(), name.capitalize())
    action = action[:1].upper() + action[1:]
    if info.get("protocol") != "json":
        namespace = iam_actions.SERVICE_TO_IAM_NAMESPACE.get(service, service)
        return [(prefix, f"{namespace}:UnknownAction", "*", None)]
    wire = stepfunctions._sdk_json_params(info, service, action, given)
    return [(prefix, *it) for it in _requests(service, action, wire)]


def _requests(service, action, body):
    """Returns the action, the resource and the condition keys of a request."""
    region, account = get_region(), get_account_id()
    action = f"{iam_actions.SERVICE_TO_IAM_NAMESPACE.get(service, service)}:{action}"
    if service == "sns":
        return [(action, body.get("TopicArn") or body.get("TargetArn") or "*", None)]
    body = json.dumps(body).encode()
    if service != "dynamodb":
        on = iam_actions.extract_resource_arn(service, "POST", "/", {}, body, {}, region, account)
        return [(action, on, None)]
    context = iam_actions.dynamodb_service_context(body)
    items = iam_actions.dynamodb_transaction_checks(action, body, region, account)
    if items:
        context["dynamodb:EnclosingOperation"] = [action.partition(":")[2]]
    tables = iam_actions.dynamodb_resource_arns(body, region, account)
    return [(*it, context) for it in items or [(action, table) for table in tables or ["*"]]]


def _function(ref):
    if ref.startswith("arn:"):
        return ref
    return f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{ref}"


def create(original, data):
    refused = _without_logs(data, data.get("roleArn", ""))
    return refused or original(data)


def update(original, data):
    machine = stepfunctions._state_machines.get(data.get("stateMachineArn", ""), {})
    logs = data.get("loggingConfiguration") or machine.get("loggingConfiguration")
    refused = _without_logs(
        {"name": machine.get("name", ""), "loggingConfiguration": logs}, data.get("roleArn") or machine.get("roleArn", "")
    )
    return refused or original(data)


def _without_logs(data, role):
    if not role or (data.get("loggingConfiguration") or {}).get("level", "OFF") == "OFF":
        return None
    name = data.get("name", "")
    machine = f"arn:aws:states:{get_region()}:{get_account_id()}:stateMachine:{name}"
    for action in LOG_RIGHTS:
        if judge.under(role, PRINCIPAL, name, action, "*", machine):
            words = "The state machine IAM Role is not authorized to access the Log Destination"
            return error_response_json("AccessDeniedException", words, 400)
    return None


INSTEAD = {
    "_execute_task": execute,
    "_invoke_resource": invoke,
    "_invoke_with_callback": call_back,
    "_create_state_machine": create,
    "_update_state_machine": update,
}


def is_faithful():
    get = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "End": True}
    get["Arguments"] = {"TableName": "none", "Key": {"id": {"S": "1"}}}
    sdk = {**get, "Resource": "arn:aws:states:::aws-sdk:dynamodb:getItem"}
    machine = {"name": "machine", "definition": json.dumps({"StartAt": "A", "States": {"A": get}})}

    def error(task, statements):
        machine["roleArn"] = judge.role_of_check(f"machine-{len(statements)}", PRINCIPAL, statements)
        machine["name"] = f"machine-{len(statements)}"
        arn = json.loads(stepfunctions._create_state_machine(machine)[2])["stateMachineArn"]
        execution = {"stateMachineArn": arn, "name": "run", "events": [], "status": "RUNNING", "executionArn": arn}
        ctx = {"QueryLanguage": "JSONata", "State": {"Name": "A"}, "Execution": {}, "StateMachine": {}, "variables": {}}
        try:
            return stepfunctions._execute_task(task, {}, execution, ctx)
        except stepfunctions._ExecutionError as error:
            return error.error

    allow = [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}]
    logs = {"level": "ALL", "destinations": []}
    refused = stepfunctions._create_state_machine(
        {**machine, "name": "logs", "roleArn": judge.role_of_check("logs", PRINCIPAL, []), "loggingConfiguration": logs}
    )
    return (
        error(get, []) == "DynamoDB.AccessDeniedException"
        and error(sdk, []) == "DynamoDb.AccessDeniedException"
        and error(get, allow) == "DynamoDB.ResourceNotFoundException"
        and refused[0] == 400
    )
