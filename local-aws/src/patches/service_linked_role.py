"""A service-linked role has the name that AWS gave it, and the description that it was given.

AWS: the service's page names the role: AWSServiceRoleForAPIGateway is that of ops.apigateway.amazonaws.com. Whoever
looks for it, or imports it into Terraform, does so by that name. It has no description where none is given.
https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html
https://docs.aws.amazon.com/dtconsole/latest/userguide/using-service-linked-roles.html

ministack: makes the name of the first part of the service's: AWSServiceRoleForOps. It writes a description.
"""

from ministack.services import iam

VERSION = "1.5.33"
SERVICE = iam

NAMES = {
    "codestar-notifications.amazonaws.com": "AWSServiceRoleForCodeStarNotifications",
    "ops.apigateway.amazonaws.com": "AWSServiceRoleForAPIGateway",
    "wafv2.amazonaws.com": "AWSServiceRoleForWAFV2Logging",
}


def create(original, params):
    service = iam._p(params, "AWSServiceName")
    name = NAMES.get(service)
    if name is None:
        return original(params)
    if name in iam._roles:
        text = f"Service role name {name} has been taken in this account, please try a different suffix."
        return iam._error(400, "InvalidInput", text, ns="iam")
    before = set(iam._roles)
    answer = original(params)
    for made in set(iam._roles) - before:
        role = iam._roles.pop(made)
        own = {"RoleName": name, "Arn": role["Arn"].replace(made, name)}
        iam._roles[name] = {**role, **own, "Description": iam._p(params, "Description")}
        role = f"<CreateServiceLinkedRoleResult><Role>{iam._role_xml(name)}</Role></CreateServiceLinkedRoleResult>"
        answer = iam._xml(200, "CreateServiceLinkedRoleResponse", role, ns="iam")
    return answer


INSTEAD = {"_create_service_linked_role": create}


def is_faithful():
    for service, name in NAMES.items():
        said = iam._IAM_HANDLERS["CreateServiceLinkedRole"]({"AWSServiceName": [service]})
        if said[0] != 200 or name.encode() not in said[2] or iam._roles[name]["Description"]:
            return False
    return True
