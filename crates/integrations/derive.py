"""Derives `shapes.json` from botocore's models of the services. Prints it.

    target/tools/ministack/bin/python crates/integrations/derive.py > crates/integrations/shapes.json

An optimised integration takes the parameters that its page lists, named as the service names them. An AWS SDK
integration takes all parameters of the call, named as the AWS SDK for Java names them.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import json
import re
import sys

import botocore
from botocore.session import Session

# The call behind each optimised integration, and the parameters that its page lists.
OPTIMISED = {
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
    "lambda:invoke": (
        "lambda",
        "Invoke",
        ["ClientContext", "FunctionName", "InvocationType", "Payload", "Qualifier"],
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
    "dynamodb:getItem": (
        "dynamodb",
        "GetItem",
        [
            "AttributesToGet",
            "ConsistentRead",
            "ExpressionAttributeNames",
            "Key",
            "ProjectionExpression",
            "ReturnConsumedCapacity",
            "TableName",
        ],
    ),
    "dynamodb:putItem": (
        "dynamodb",
        "PutItem",
        [
            "ConditionExpression",
            "ConditionalOperator",
            "Expected",
            "ExpressionAttributeNames",
            "ExpressionAttributeValues",
            "Item",
            "ReturnConsumedCapacity",
            "ReturnItemCollectionMetrics",
            "ReturnValues",
            "TableName",
        ],
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html
    "sqs:sendMessage": (
        "sqs",
        "SendMessage",
        [
            "DelaySeconds",
            "MessageAttributes",
            "MessageBody",
            "MessageDeduplicationId",
            "MessageGroupId",
            "QueueUrl",
        ],
    ),
}

# Parameters that take any JSON: Step Functions writes it as text.
ANY = {("InvocationRequest", "Payload"), ("SendMessageRequest", "MessageBody")}

AWS_SDK = {"dynamodb:transactWriteItems": ("dynamodb", "TransactWriteItems")}

# Members with another name in the SDK for Java, because their own name is reserved there: `shapeModifiers` in
# https://github.com/aws/aws-sdk-java-v2/blob/master/services/dynamodb/src/main/resources/codegen-resources/dynamodb/customization.config
RENAMED = {("AttributeValue", "NULL"): "NUL"}


def java(shape, member):
    """Returns the name of a member in the SDK for Java, in Pascal case: `splitOnWordBoundaries` in
    https://github.com/aws/aws-sdk-java-v2/blob/master/utils/src/main/java/software/amazon/awssdk/utils/internal/CodegenNamingUtils.java
    """
    name = RENAMED.get((shape, member), member)
    name = re.sub(r"[^A-Za-z0-9]+", " ", name)
    name = re.sub(r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 ", name)
    name = re.sub(r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 ", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])", " ", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", name)
    name = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", name)
    return "".join(word.lower().capitalize() for word in name.split())


SCALARS = {
    "string": "text",
    "blob": "text",
    "boolean": "boolean",
    "integer": "number",
    "long": "number",
    "float": "number",
    "double": "number",
    "timestamp": "text",
}


class Derived:
    """Collects shapes by name. `as_named` returns the name of a structure's member."""

    def __init__(self, dialect, as_named):
        self.dialect, self.as_named, self.shapes = dialect, as_named, {}

    def shape(self, shape, only=None):
        """Adds a shape and all shapes that it refers to. Returns its name, or the type of a scalar."""
        if shape.type_name in SCALARS:
            return SCALARS[shape.type_name]
        name = f"{self.dialect} {shape.name}"
        if name in self.shapes:
            return name
        self.shapes[name] = None
        if shape.type_name == "structure":
            members = {
                self.as_named(shape.name, member): "any"
                if (shape.name, member) in ANY
                else self.shape(inner)
                for member, inner in shape.members.items()
                if only is None or member in only
            }
            missing = set(only or []) - set(shape.members)
            assert not missing, f"{shape.name} has no {missing}"
            required = sorted(self.as_named(shape.name, it) for it in shape.required_members)
            value = {"members": members, "required": required}
        elif shape.type_name == "list":
            value = {"list_of": self.shape(shape.member)}
        else:
            value = {"map_to": self.shape(shape.value)}
        self.shapes[name] = value
        return name


def derived():
    session = Session()

    def call(service, operation):
        return session.get_service_model(service).operation_model(operation).input_shape

    own, sdk = Derived("service", lambda _, member: member), Derived("sdk", java)
    takes = {
        f"arn:aws:states:::{name}": own.shape(call(service, operation), only)
        for name, (service, operation, only) in OPTIMISED.items()
    }
    for name, (service, operation) in AWS_SDK.items():
        takes[f"arn:aws:states:::aws-sdk:{name}"] = sdk.shape(call(service, operation))
    return {"takes": takes, "shapes": own.shapes | sdk.shapes}


if __name__ == "__main__":
    json.dump(derived(), sys.stdout, indent=2, sort_keys=True)
    print()
    print(f"botocore {botocore.__version__}", file=sys.stderr)
