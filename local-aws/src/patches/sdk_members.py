"""A state must use the parameter names of its integration, and no state catches the error of a wrong name.

AWS: an AWS SDK integration takes the names of the SDK for Java (`Nul`, `Bool`, `Ss`), in Pascal case. Any other name,
those of the service's own API too (`NULL`, `BOOL`, `SS`), is not supported: States.Runtime, which is always
terminal. `States.ALL` and `States.TaskFailed` stand for neither that error nor States.DataLimitExceeded.
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

ministack: takes both names, hands on what it does not know, and lets `States.ALL` stand for all errors.
"""

from ministack.services import stepfunctions

VERSION = "1.5.33"
SERVICE = stepfunctions


def params(original, service_info, service_key, action, input_data):
    model = stepfunctions._service_model(service_key)
    if model is not None and action in model.operation_names:
        for name in unknown(input_data or {}, model.operation_model(action).input_shape):
            raise stepfunctions._ExecutionError(
                "States.Runtime", f"The field '{name}' is not supported by Step Functions"
            )
    return original(service_info, service_key, action, input_data)


def unknown(value, shape):
    """Returns the names that the SDK for Java does not have."""
    if shape is None or getattr(shape, "is_document_type", False):
        return
    if shape.type_name == "structure" and isinstance(value, dict):
        overrides = stepfunctions._SDK_MEMBER_NAME_OVERRIDES
        members = {
            overrides.get((shape.name, name)) or stepfunctions._api_name_to_sfn_key(name): member
            for name, member in shape.members.items()
        }
        for name, item in value.items():
            if name in members:
                yield from unknown(item, members[name])
            else:
                yield name
    elif shape.type_name == "list" and isinstance(value, list):
        for item in value:
            yield from unknown(item, shape.member)
    elif shape.type_name == "map" and isinstance(value, dict):
        for item in value.values():
            yield from unknown(item, shape.value)


def matches(original, error_equals, error):
    if error == "States.Runtime":
        return False
    if error == "States.DataLimitExceeded":
        return error in error_equals
    return original(error_equals, error)


INSTEAD = {"_sdk_json_params": params, "_error_matches": matches}


def is_faithful():
    def taken(attribute):
        put = {"TableName": "t", "Item": {"a": attribute}}
        info = stepfunctions._AWS_SDK_SERVICE_MAP["dynamodb"]
        call = {"ClientRequestToken": "c", "TransactItems": [{"Put": put}]}
        try:
            stepfunctions._sdk_json_params(info, "dynamodb", "TransactWriteItems", call)
        except stepfunctions._ExecutionError as error:
            return error.error
        return True

    def caught(error, names="States.ALL"):
        return stepfunctions._error_matches([names], error)

    return (
        [taken({"Nul": True}), taken({"Ss": ["x"]}), taken({"M": {"b": {"S": ""}}})] == [True] * 3
        and taken({"NULL": True}) == taken({"M": {"b": {"SS": []}}}) == "States.Runtime"
        and not caught("States.Runtime")
        and not caught("States.DataLimitExceeded", "States.TaskFailed")
        and caught("States.DataLimitExceeded", "States.DataLimitExceeded")
        and caught("States.Timeout")
    )
