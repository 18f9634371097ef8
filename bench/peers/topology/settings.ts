// The settings of the resources, by the names that both peers use.
import { DEV, FunctionName } from "./dev";

export type { FunctionName };
export const ACCOUNT = DEV.account;
export const REGION = DEV.region;
export const ENVIRONMENT = DEV.environment;
export const TAGS = DEV.tags;
export const BOUNDARY = DEV.boundary;
export const FUNCTIONS = DEV.functions;
export const LOG_DAYS = DEV.logDays;
export const QUEUES = DEV.queues;
export const SCHEDULE = DEV.schedule;
export const KEY = DEV.key;

/// The prefix of names. With one copy, the names are those of the topology.
export const prefix = (copy: number, copies: number) =>
  copies === 1 ? `dofs-${ENVIRONMENT}` : `dofs-${ENVIRONMENT}-c${copy}`;

/// The form in names on AWS.
export const dashed = (name: string) => name.replaceAll("_", "-");
