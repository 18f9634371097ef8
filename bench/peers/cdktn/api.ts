// The REST API: POST /order, GET /order/{orderId}, and the CORS preflight requests of both.
import { createHash } from "node:crypto";
import { Construct } from "constructs";
import { ITerraformDependable } from "cdktn";
import { ApiGatewayDeployment } from "@cdktn/provider-aws/lib/api-gateway-deployment";
import { ApiGatewayGatewayResponse } from "@cdktn/provider-aws/lib/api-gateway-gateway-response";
import { ApiGatewayIntegration } from "@cdktn/provider-aws/lib/api-gateway-integration";
import { ApiGatewayIntegrationResponse } from "@cdktn/provider-aws/lib/api-gateway-integration-response";
import { ApiGatewayMethod } from "@cdktn/provider-aws/lib/api-gateway-method";
import { ApiGatewayMethodResponse } from "@cdktn/provider-aws/lib/api-gateway-method-response";
import { ApiGatewayMethodSettings } from "@cdktn/provider-aws/lib/api-gateway-method-settings";
import { ApiGatewayModel } from "@cdktn/provider-aws/lib/api-gateway-model";
import { ApiGatewayRequestValidator } from "@cdktn/provider-aws/lib/api-gateway-request-validator";
import { ApiGatewayResource } from "@cdktn/provider-aws/lib/api-gateway-resource";
import { ApiGatewayRestApi } from "@cdktn/provider-aws/lib/api-gateway-rest-api";
import { ApiGatewayStage } from "@cdktn/provider-aws/lib/api-gateway-stage";
import { CloudwatchLogGroup } from "@cdktn/provider-aws/lib/cloudwatch-log-group";
import { LambdaAlias } from "@cdktn/provider-aws/lib/lambda-alias";
import { LambdaPermission } from "@cdktn/provider-aws/lib/lambda-permission";
import {
  ACCESS_LOG,
  API,
  cors,
  CORS_HEADERS,
  GATEWAY_RESPONSES,
  ORDER_REQUEST,
  PREFLIGHT,
} from "../topology/api";
import { ENVIRONMENT, LOG_DAYS } from "../topology/settings";

const keyed = <T>(names: string[], before: string, value: (name: string) => T): Record<string, T> =>
  Object.fromEntries(names.map((it) => [before + it, value(it)]));
const IN_METHOD = "method.response.header.";
const SCHEMA = JSON.stringify({ $schema: "http://json-schema.org/draft-04/schema#", ...ORDER_REQUEST });
const METHODS = { order: "POST", order_orderid: "GET" };
const ALLOWED = keyed(CORS_HEADERS, IN_METHOD, () => true);
const ORDER_ID = { "method.request.path.orderId": true };

/// The parts of the API. A change of one of them causes a new deployment.
const DEFINITION = createHash("md5")
  .update(JSON.stringify([API, METHODS, SCHEMA, GATEWAY_RESPONSES, cors("*"), PREFLIGHT]))
  .digest("hex");

export class Api extends Construct {
  readonly rest: ApiGatewayRestApi;
  readonly stage: ApiGatewayStage;

  constructor(scope: Construct, id: string, name: string, handler: LambdaAlias) {
    super(scope, id);
    this.rest = new ApiGatewayRestApi(this, "orders", {
      name,
      description: API.description,
      endpointConfiguration: { types: ["REGIONAL"] },
      lifecycle: { createBeforeDestroy: true },
    });
    const restApiId = this.rest.id;
    const parts: ITerraformDependable[] = [];
    const part = <T extends ITerraformDependable>(it: T) => {
      parts.push(it);
      return it;
    };

    const model = part(
      new ApiGatewayModel(this, "model", {
        restApiId,
        name: API.model.name,
        description: API.model.description,
        contentType: "application/json",
        schema: SCHEMA,
      }),
    );
    const requestValidatorId = part(
      new ApiGatewayRequestValidator(this, "validator", {
        restApiId,
        name: API.validator,
        validateRequestBody: false,
        validateRequestParameters: true,
      }),
    ).id;
    for (const { type, status, headers, template } of GATEWAY_RESPONSES)
      part(
        new ApiGatewayGatewayResponse(this, type, {
          restApiId,
          responseType: type,
          statusCode: status,
          responseParameters: keyed(Object.keys(headers), "gatewayresponse.header.", (it) => headers[it]),
          responseTemplates: { "application/json": template },
        }),
      );

    const resource = (n: string, parentId: string, pathPart: string) =>
      part(new ApiGatewayResource(this, n, { restApiId, parentId, pathPart }));
    /// A method that calls the function.
    const method = (n: string, httpMethod: string, resourceId: string, path: string, request: object) => {
      const made = part(
        new ApiGatewayMethod(this, `method-${n}`, {
          restApiId,
          resourceId,
          httpMethod,
          authorization: "NONE",
          requestValidatorId,
          ...request,
        }),
      );
      part(
        new ApiGatewayIntegration(this, `integration-${n}`, {
          restApiId,
          resourceId,
          httpMethod: made.httpMethod,
          type: "AWS_PROXY",
          integrationHttpMethod: "POST",
          uri: handler.invokeArn,
        }),
      );
      new LambdaPermission(this, `permission-${n}`, {
        action: "lambda:InvokeFunction",
        functionName: handler.functionName,
        qualifier: handler.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: `${this.rest.executionArn}/${ENVIRONMENT}/${httpMethod}/${path}`,
      });
    };
    /// The CORS preflight, which a browser sends before it calls from another origin.
    const preflight = (n: string, httpMethod: string, resourceId: string) => {
      const options = part(
        new ApiGatewayMethod(this, `method-options-${n}`, {
          restApiId,
          resourceId,
          httpMethod: "OPTIONS",
          authorization: "NONE",
          requestValidatorId,
        }),
      );
      const at = { restApiId, resourceId, httpMethod: options.httpMethod };
      const integration = part(
        new ApiGatewayIntegration(this, `integration-options-${n}`, {
          ...at,
          type: "MOCK",
          requestTemplates: { "application/json": PREFLIGHT.template },
        }),
      );
      const response = part(
        new ApiGatewayMethodResponse(this, `response-options-${n}`, {
          ...at,
          statusCode: PREFLIGHT.status,
          responseParameters: ALLOWED,
        }),
      );
      const headers = cors(httpMethod);
      part(
        new ApiGatewayIntegrationResponse(this, `integration-response-options-${n}`, {
          ...at,
          statusCode: response.statusCode,
          responseParameters: keyed(CORS_HEADERS, IN_METHOD, (it) => headers[it]),
          dependsOn: [integration],
        }),
      );
    };
    const order = resource("order", this.rest.rootResourceId, "order");
    const orderId = resource("order_orderid", order.id, "{orderId}");
    method("post-order", METHODS.order, order.id, "order", {
      requestModels: { "application/json": model.name },
    });
    method("get-order", METHODS.order_orderid, orderId.id, "order/*", { requestParameters: ORDER_ID });
    preflight("order", METHODS.order, order.id);
    preflight("order-id", METHODS.order_orderid, orderId.id);

    const deployment = new ApiGatewayDeployment(this, "deployment", {
      restApiId,
      triggers: { definition: DEFINITION },
      dependsOn: parts,
      lifecycle: { createBeforeDestroy: true },
    });
    const log = new CloudwatchLogGroup(this, "log", {
      name: `/aws/apigateway/${name}`,
      retentionInDays: LOG_DAYS,
    });
    this.stage = new ApiGatewayStage(this, "stage", {
      restApiId,
      deploymentId: deployment.id,
      stageName: ENVIRONMENT,
      xrayTracingEnabled: true,
      accessLogSettings: { destinationArn: log.arn, format: ACCESS_LOG },
    });
    new ApiGatewayMethodSettings(this, "settings", {
      restApiId,
      stageName: this.stage.stageName,
      methodPath: "*/*",
      settings: {
        dataTraceEnabled: false,
        loggingLevel: "ERROR",
        metricsEnabled: true,
        throttlingBurstLimit: API.throttle.burst,
        throttlingRateLimit: API.throttle.rate,
      },
    });
  }
}
