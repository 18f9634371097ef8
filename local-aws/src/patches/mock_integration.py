"""A MOCK integration has no HTTP method.

AWS: PutIntegration needs `httpMethod` only for an integration with a backend, and GetIntegration returns
the stored value.
https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html

ministack: stores POST if none is given. Terraform then replaces the integration at every apply.
"""

import json

from ministack.services import apigateway_v1

VERSION = "1.5.33"
SERVICE = apigateway_v1


def put(original, api, resource, method, data):
    answer = original(api, resource, method, data)
    if answer[0] != 201 or "httpMethod" in data:
        return answer
    methods = apigateway_v1._resources[api][resource]["resourceMethods"]
    integration = methods[method]["methodIntegration"]
    del integration["httpMethod"]
    return apigateway_v1._v1_response(integration, 201)


INSTEAD = {"_put_integration": put}


def is_faithful():
    apigateway_v1._resources["api"] = {"order": {"resourceMethods": {"OPTIONS": {"set": True}}}}
    place = "api", "order", "OPTIONS"
    said = [apigateway_v1._put_integration(*place, {"type": "MOCK"})]
    said.append(apigateway_v1._get_integration(*place))
    return all(it[0] < 300 and "httpMethod" not in json.loads(it[2]) for it in said)
