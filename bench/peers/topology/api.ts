// The API: what it takes, what it answers by itself, and what it logs.
import { DEV } from "./dev";

export const API = DEV.api;
/// The body of an order, without the line that says which draft it is.
export const ORDER_REQUEST = API.model.schema;
export const ACCESS_LOG = API.accessLog;
export const PREFLIGHT = API.preflight;
/// What API Gateway answers by itself.
export const GATEWAY_RESPONSES = API.gatewayResponses;

/// The headers that a browser is told of, by method of the route.
export const cors = (method: string): Record<string, string> => ({
  ...API.cors,
  "Access-Control-Allow-Methods": `'${method},OPTIONS'`,
});
export const CORS_HEADERS = Object.keys(API.cors);
