"""What API Gateway answers to a body that is not as its model says why.

AWS: in the template of a gateway response, `$context.error.validationErrorString` is a detailed
message. It is that of the validator that AWS uses, and it is escaped, so that it can stand within a
string of JSON: "[object has missing required properties ([\\"price\\"])]".
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html

ministack: leaves the variable's name there. Its own validator says only yes or no.

Here are its words for what our models use most. For all else, and for parameters, the answer has
the short message.
"""

import json

from ministack.services import apigateway_v1

VERSION = "1.5.33"
SERVICE = apigateway_v1
VARIABLE = b"$context.error.validationErrorString"


def check(original, method, api_id, request, headers, body, query):
    error = original(method, api_id, request, headers, body, query)
    if error is not None and error.response_type == "BAD_REQUEST_BODY":
        content_type = apigateway_v1._header_ci(headers, "content-type").split(";")[0].strip()
        models = method["requestModels"]
        model = models.get(content_type) or models.get("application/json")
        request["validation_error"] = explained(apigateway_v1._model_schema(api_id, model), body)
    return error


def answer(original, error, request):
    status, headers, body = original(error, request)
    text = request.get("validation_error")
    if not text and error.response_type.startswith("BAD_REQUEST_"):
        text = error.message
    # As it stands between quotes.
    return status, headers, body.replace(VARIABLE, json.dumps(text or "")[1:-1].encode())


INSTEAD = {"_check_request_validation": check, "_gateway_error_response": answer}


def explained(schema, body):
    """All that is wrong with a body; nothing where there are no words for it."""
    try:
        found = list(problems(schema, json.loads(body)))
    except ValueError:
        return None
    return f"[{', '.join(found)}]" if found else None


def problems(schema, value):
    """In the validator's words: https://github.com/java-json-tools/json-schema-validator."""
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(apigateway_v1._JSON_TYPES[it](value) for it in types):
        yield (
            f"instance type ({type_of(value)}) does not match any allowed primitive type "
            f"(allowed: {listed(types)})"
        )
        return
    if type_of(value) in ("integer", "number"):
        if value < schema.get("minimum", value):
            low = schema["minimum"]
            yield (
                f"numeric instance is lower than the required minimum "
                f"(minimum: {low}, found: {value})"
            )
        if value > schema.get("maximum", value):
            high = schema["maximum"]
            yield (
                f"numeric instance is greater than the required maximum "
                f"(maximum: {high}, found: {value})"
            )
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        high = schema["maxLength"]
        yield f'string "{value}" is too long (length: {len(value)}, maximum allowed: {high})'
    if isinstance(value, dict):
        yield from problems_of_object(schema, value)


def problems_of_object(schema, value):
    missing = set(schema.get("required", [])) - set(value)
    if missing:
        yield f"object has missing required properties ({listed(missing)})"
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    unknown = set(value) - set(properties)
    if unknown and others is False:
        yield f"object instance has properties which are not allowed by the schema: {listed(unknown)}"
    for name, item in value.items():
        inner = properties.get(name, others)
        if isinstance(inner, dict):
            yield from problems(inner, item)


def type_of(value):
    """A JSON type. Whole numbers are integers, and not only numbers."""
    names = ["null", "boolean", "integer", "number", "string", "array", "object"]
    return next(it for it in names if apigateway_v1._JSON_TYPES[it](value))


def listed(names):
    return json.dumps(sorted(names), separators=(",", ":"))


def is_faithful():
    schema = {"type": "object", "required": ["b", "a"], "properties": {"c": {"type": "integer"}}}
    apigateway_v1._models["api"] = {"Order": {"schema": json.dumps(schema)}}
    apigateway_v1._request_validators["api"] = {"body": {"validateRequestBody": True}}
    template = {"application/json": '{"why":"$context.error.validationErrorString"}'}
    responses = {"BAD_REQUEST_BODY": {"statusCode": "400", "responseTemplates": template}}
    apigateway_v1._gateway_responses["api"] = responses
    method = {"requestValidatorId": "body", "requestModels": {"application/json": "Order"}}

    def said(body):
        request = {"api_id": "api", "stage_name": "dev", "stage": {}, "headers": {}}
        request |= {"query_params": {}, "path_params": {}, "resource_path": "/", "request_id": "1"}
        error = apigateway_v1._check_request_validation(method, "api", request, {}, body, {})
        return json.loads(apigateway_v1._gateway_error_response(error, request)[2])["why"]

    missing = 'object has missing required properties (["a","b"])'
    wrong = 'instance type (string) does not match any allowed primitive type (allowed: ["integer"])'
    return (
        said(b"{}") == f"[{missing}]"
        and said(b'{"c": "1"}') == f"[{missing}, {wrong}]"
        and said(b"{") == "Invalid request body"
    )
