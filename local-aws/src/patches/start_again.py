"""Starting a running execution again with the same input is not an error.

AWS: for a standard machine, StartExecution with the name and the input of a running execution
succeeds, with the answer that the first call had. With another input, or once the execution has
ended, it is ExecutionAlreadyExists.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html

ministack: always ExecutionAlreadyExists.
"""

import json

from ministack.core.responses import json_response
from ministack.services import stepfunctions

from patches import judge

VERSION = "1.5.33"
SERVICE = stepfunctions


def start(original, data):
    answer = original(data)
    if answer[0] != 400 or b"ExecutionAlreadyExists" not in answer[2]:
        return answer
    arn = stepfunctions._resolve_state_machine_arn(data["stateMachineArn"].split("#")[0])
    runs = (it for it in list(stepfunctions._executions.values()) if it["name"] == data["name"])
    run = next(it for it in runs if it["stateMachineArn"] == arn)
    is_standard = stepfunctions._state_machines[arn]["type"] == "STANDARD"
    is_same = run["input"] == data.get("input", "{}")
    if is_standard and is_same and run["status"] == "RUNNING":
        return json_response({"executionArn": run["executionArn"], "startDate": run["startDate"]})
    return answer


INSTEAD = {"_start_execution": start}


def is_faithful():
    role = judge.role_of_check("machine", "states.amazonaws.com", [])
    machine = {
        "name": "machine",
        "definition": '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        "roleArn": role,
    }
    machine = json.loads(stepfunctions._create_state_machine(machine)[2])["stateMachineArn"]
    arn = machine.replace(":stateMachine:", ":execution:") + ":order"
    run = {"executionArn": arn, "stateMachineArn": machine, "name": "order", "startDate": 1.0}

    def status(state, given):
        # Set the status by hand, because a real execution would end before the check.
        stepfunctions._executions[arn] = {**run, "status": state, "input": "{}"}
        call = {"stateMachineArn": machine, "name": "order", "input": given}
        return stepfunctions._start_execution(call)[0]

    calls = [("RUNNING", "{}"), ("RUNNING", "[]"), ("SUCCEEDED", "{}")]
    return [status(*it) for it in calls] == [200, 400, 400]
