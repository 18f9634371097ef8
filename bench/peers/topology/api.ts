// The API: the schema of its requests, the responses of API Gateway itself, and the access log.
import { DEV } from "./dev";

export const API = DEV.api;
/// The schema of an order, without the line for its JSON Schema version.
export const ORDER_REQUEST = API.model.schema;
export const ACCESS_LOG = API.accessLog;
export const PREFLIGHT = API.preflight;
/// The responses of API Gateway itself.
export const GATEWAY_RESPONSES = API.gatewayResponses;

/// The CORS headers by method of the route.
export const cors = (method: string): Record<string, string> => ({
  ...API.cors,
  "Access-Control-Allow-Methods": `'${method},OPTIONS'`,
});
export const CORS_HEADERS = Object.keys(API.cors);
