// The REST API: POST /order, GET /order/{orderId}, and the CORS preflight requests of both.
import { Construct } from "constructs";
import * as apigw from "aws-cdk-lib/aws-apigateway";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import {
  ACCESS_LOG,
  API,
  cors,
  CORS_HEADERS,
  GATEWAY_RESPONSES,
  ORDER_REQUEST,
  PREFLIGHT,
} from "../topology/api";
import { ENVIRONMENT } from "../topology/settings";

const keyed = <T>(value: (name: string) => T): Record<string, T> =>
  Object.fromEntries(CORS_HEADERS.map((it) => [`method.response.header.${it}`, value(it)]));
const ALLOWED = keyed(() => true);
const SCHEMA = { schema: apigw.JsonSchemaVersion.DRAFT4, ...ORDER_REQUEST } as apigw.JsonSchema;

export const api = (scope: Construct, name: string, handler: lambda.IAlias, log: logs.ILogGroup) => {
  const rest = new apigw.RestApi(scope, "api", {
    restApiName: name,
    description: API.description,
    endpointTypes: [apigw.EndpointType.REGIONAL],
    cloudWatchRole: false,
    deployOptions: {
      stageName: ENVIRONMENT,
      accessLogDestination: new apigw.LogGroupLogDestination(log),
      accessLogFormat: apigw.AccessLogFormat.custom(ACCESS_LOG),
      dataTraceEnabled: false,
      loggingLevel: apigw.MethodLoggingLevel.ERROR,
      metricsEnabled: true,
      throttlingBurstLimit: API.throttle.burst,
      throttlingRateLimit: API.throttle.rate,
      tracingEnabled: true,
    },
  });
  const model = rest.addModel("model", {
    modelName: API.model.name,
    description: API.model.description,
    contentType: "application/json",
    schema: SCHEMA,
  });
  const requestValidator = rest.addRequestValidator("validator", {
    requestValidatorName: API.validator,
    validateRequestBody: false,
    validateRequestParameters: true,
  });
  for (const { type, status, headers, template } of GATEWAY_RESPONSES)
    rest.addGatewayResponse(type, {
      type: apigw.ResponseType.of(type),
      statusCode: status,
      responseHeaders: headers,
      templates: { "application/json": template },
    });

  const integration = new apigw.LambdaIntegration(handler, { allowTestInvoke: false });
  /// A method that calls the function, with the CORS preflight for calls from another origin.
  const method = (at: apigw.Resource, name: string, request: apigw.MethodOptions) => {
    at.addMethod(name, integration, { requestValidator, ...request });
    const headers = cors(name);
    at.addMethod(
      "OPTIONS",
      new apigw.MockIntegration({
        requestTemplates: { "application/json": PREFLIGHT.template },
        integrationResponses: [
          { statusCode: PREFLIGHT.status, responseParameters: keyed((it) => headers[it]) },
        ],
      }),
      {
        requestValidator,
        methodResponses: [{ statusCode: PREFLIGHT.status, responseParameters: ALLOWED }],
      },
    );
  };
  const order = rest.root.addResource("order");
  method(order, "POST", { requestModels: { "application/json": model } });
  method(order.addResource("{orderId}"), "GET", {
    requestParameters: { "method.request.path.orderId": true },
  });
  return rest;
};
