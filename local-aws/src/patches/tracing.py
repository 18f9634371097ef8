"""A state machine keeps its tracing configuration.

AWS: CreateStateMachine and UpdateStateMachine store it, and DescribeStateMachine returns it.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html

ministack: drops it. Terraform then turns tracing on at every apply, and publishes a version.
"""

import json

from ministack.services import stepfunctions

from patches import judge

VERSION = "1.5.33"
SERVICE = stepfunctions


def create(original, data):
    answer = original(data)
    if answer[0] == 200:
        machine = stepfunctions._state_machines[json.loads(answer[2])["stateMachineArn"]]
        # Creating an existing machine again changes nothing.
        machine.setdefault("tracingConfiguration", data.get("tracingConfiguration") or OFF)
    return answer


def update(original, data):
    answer = original(data)
    if answer[0] == 200 and "tracingConfiguration" in data:
        machine = stepfunctions._state_machines[data["stateMachineArn"]]
        machine["tracingConfiguration"] = data["tracingConfiguration"]
    return answer


OFF = {"enabled": False}
INSTEAD = {"_create_state_machine": create, "_update_state_machine": update}


def is_faithful():
    role = judge.role_of_check("machine", "states.amazonaws.com", [])
    machine = {
        "name": "machine",
        "definition": '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        "roleArn": role,
        "tracingConfiguration": {"enabled": True},
    }
    arn = json.loads(stepfunctions._create_state_machine(machine)[2])["stateMachineArn"]

    def described():
        answer = stepfunctions._describe_state_machine({"stateMachineArn": arn})
        return json.loads(answer[2]).get("tracingConfiguration")

    created = described()
    stepfunctions._update_state_machine({"stateMachineArn": arn, "tracingConfiguration": OFF})
    return created == {"enabled": True} and described() == OFF
