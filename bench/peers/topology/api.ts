// The API: what it takes, what it answers by itself, and what it logs.
export const API = {
  description: "Takes orders, and tells where they stand.",
  validator: "parameters",
  throttle: { burst: 40, rate: 20 },
  model: {
    name: "OrderRequest",
    description: "The shape of OrderRequest, from the Rust type.",
  },
};

const text = (description: string) => ({ description, maxLength: 256, type: "string" });
const amount = (description: string, type: string) => ({
  description,
  maximum: 1_000_000_000,
  minimum: -1_000_000_000,
  type,
});

/// The body of an order, without the line that says which draft it is.
export const ORDER_REQUEST = {
  additionalProperties: false,
  description: "The body of `POST /order`. This is the shape; the validator judges the values.",
  properties: {
    customerId: text("Who orders, such as `CUST-1234`."),
    metadata: {
      additionalProperties: { maxLength: 256, type: "string" },
      description: "Whatever the customer attaches.",
      maxProperties: 20,
      type: ["object", "null"],
    },
    price: amount("The price of one.", "number"),
    productId: text("What, such as `PROD-1234`."),
    quantity: amount("How many.", "integer"),
  },
  required: ["customerId", "productId", "quantity", "price"],
  title: "OrderRequest",
  type: "object",
};

export const ACCESS_LOG = JSON.stringify({
  error: "$context.error.responseType",
  httpMethod: "$context.httpMethod",
  integrationLatency: "$context.integrationLatency",
  ip: "$context.identity.sourceIp",
  requestId: "$context.requestId",
  requestTime: "$context.requestTime",
  resourcePath: "$context.resourcePath",
  responseLatency: "$context.responseLatency",
  responseLength: "$context.responseLength",
  status: "$context.status",
  traceId: "$context.xrayTraceId",
});

/// The headers that a browser is told of, by method of the route.
export const cors = (method: string): Record<string, string> => ({
  "Access-Control-Allow-Headers": "'Content-Type,Idempotency-Key'",
  "Access-Control-Allow-Methods": `'${method},OPTIONS'`,
  "Access-Control-Allow-Origin": "'*'",
  "Access-Control-Max-Age": "'600'",
  Vary: "'Origin'",
});
export const CORS_HEADERS = Object.keys(cors(""));
export const PREFLIGHT = { template: JSON.stringify({ statusCode: 204 }), status: "204" };

interface Answer {
  type: string;
  status?: string;
  message?: string;
  retry?: boolean;
}
const ANSWERS: Answer[] = [
  { type: "BAD_REQUEST_BODY", status: "400" },
  { type: "BAD_REQUEST_PARAMETERS", status: "400" },
  { type: "DEFAULT_4XX" },
  { type: "DEFAULT_5XX" },
  { type: "INTEGRATION_TIMEOUT", status: "504", retry: true },
  { type: "MISSING_AUTHENTICATION_TOKEN", status: "404", message: "There is no such route." },
  { type: "REQUEST_TOO_LARGE", status: "413" },
  { type: "THROTTLED", status: "429", message: "Too many requests. Try again in a second.", retry: true },
  { type: "UNSUPPORTED_MEDIA_TYPE", status: "415" },
];

/// What API Gateway answers by itself. `$context.error.messageString` has its quotes already.
export const GATEWAY_RESPONSES = ANSWERS.map(({ type, status, message, retry }) => ({
  type,
  status,
  headers: {
    "Access-Control-Allow-Origin": "'*'",
    "Access-Control-Expose-Headers": "'Location,Retry-After'",
    ...(retry && { "Retry-After": "'1'" }),
    Vary: "'Origin'",
  } as Record<string, string>,
  template:
    `{"error":"$context.error.responseType",` +
    `"message":${message ? JSON.stringify(message) : "$context.error.messageString"},` +
    `"problems":[],"requestId":"$context.requestId"}`,
}));
