"""A web ACL keeps its configuration.

AWS: CreateWebACL and UpdateWebACL store how much of a body is inspected, custom response bodies, and which fields are
protected. GetWebACL returns them, and an update without them removes them.
https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateWebACL.html

ministack: drops all three. Terraform then sets them at every apply.
"""

import json

from ministack.services import waf

VERSION = "1.5.33"
SERVICE = waf

MEMBERS = ["AssociationConfig", "CustomResponseBodies", "DataProtectionConfig"]


def given(data):
    return {name: data[name] for name in MEMBERS if name in data}


def create(original, name, scope, props):
    uid, arn, acl = original(name, scope, props)
    acl.update(given(props))
    return uid, arn, acl


def update(original, data):
    answer = original(data)
    if answer[0] == 200:
        acl = waf.web_acl_record(data["Id"], data["Scope"])
        for name in MEMBERS:
            acl.pop(name, None)
        acl.update(given(data))
    return answer


INSTEAD = {"create_web_acl_record": create, "_update_web_acl": update}


def is_faithful():
    protected = {"FieldType": "SINGLE_HEADER", "FieldKeys": ["authorization"]}
    configuration = {
        "AssociationConfig": {
            "RequestBody": {"API_GATEWAY": {"DefaultSizeInspectionLimit": "KB_48"}}
        },
        "CustomResponseBodies": {"large": {"ContentType": "TEXT_PLAIN", "Content": "too large"}},
        "DataProtectionConfig": {
            "DataProtections": [{"Action": "SUBSTITUTION", "Field": protected}]
        },
    }
    acl = {"Name": "acl", "Scope": "REGIONAL"}
    made = json.loads(waf._create_web_acl({**acl, **configuration})[2])["Summary"]
    acl["Id"] = made["Id"]

    def kept():
        return given(json.loads(waf._get_web_acl(acl)[2])["WebACL"])

    first = kept()
    waf._update_web_acl({**acl, "LockToken": made["LockToken"]})
    return first == configuration and kept() == {}
