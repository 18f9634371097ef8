"""Lambda reads a queue with the permissions of the function's role.

AWS: a mapping of a queue needs ReceiveMessage, DeleteMessage and GetQueueAttributes of the function's role. It is not
made without them. If they are removed later, nothing is received, or what was received is not deleted.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions

ministack: reads and deletes as the account itself.
"""

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc, sqs

from patches import judge

VERSION = "1.5.33"
SERVICE = lambda_svc

PRINCIPAL = "lambda.amazonaws.com"


def _why(record, action, queue):
    """Returns why the function of a mapping has no permission for an action on the queue, or None if it has."""
    config = record.get("config") or record
    return judge.under(config.get("Role", ""), PRINCIPAL, config.get("FunctionName", ""), action, queue)


def concurrency(original, esm, func_rec, config, queue=None):
    # Skip the checks for an empty queue, which is the usual case.
    if queue and queue["messages"]:
        for action in ("sqs:ReceiveMessage", "sqs:GetQueueAttributes"):
            why = _why(func_rec, action, esm["EventSourceArn"])
            if why:
                esm["LastProcessingResult"] = f"PROBLEM: {why}"
                return 0
    return original(esm, func_rec, config, queue)


def run(original, esm, func_rec, event, batch, queue_url, queue_name):
    if not _why(func_rec, "sqs:DeleteMessage", esm["EventSourceArn"]):
        return original(esm, func_rec, event, batch, queue_url, queue_name)
    # Without receipts, the messages are not deleted.
    batch = [{**it, "receipt_handle": None} for it in batch]
    return original(esm, func_rec, event, batch, queue_url, queue_name)


def create(original, data):
    queue = data.get("EventSourceArn", "")
    if ":sqs:" in queue:
        name, qualifier, error = lambda_svc._resolve_existing_esm_function(data.get("FunctionName", ""))
        record = None if error else lambda_svc._get_func_record_for_qualifier(name, qualifier)[0]
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            if record and _why(record, f"sqs:{action}", queue):
                words = f"The provided execution role does not have permissions to call {action} on SQS"
                return error_response_json("InvalidParameterValueException", words, 400)
    return original(data)


INSTEAD = {"_sqs_esm_concurrency": concurrency, "_run_sqs_batch": run, "_create_esm": create}


def is_faithful():
    queue = "arn:aws:sqs:us-east-1:111111111111:queue"
    esm = {"EventSourceArn": queue, "UUID": "1"}

    def at_once(statements):
        role = judge.role_of_check(f"function-{len(statements)}", PRINCIPAL, statements)
        record = {"config": {"Role": role, "FunctionName": "function"}}
        return lambda_svc._sqs_esm_concurrency(esm, record, record["config"], {"messages": ["one"]})

    allow = [{"Effect": "Allow", "Action": "sqs:*", "Resource": queue}]
    return at_once([]) == 0 and at_once(allow) > 0
