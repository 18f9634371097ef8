// DOFS in the environment `dev`, independent of a framework: plain parameters, texts and the state machine, like the
// settings of a team that separates them from its constructs. `cargo xtask bench` writes `dev.json` next to this file
// from `generated/dev`, so it is always up to date. It is read once for all copies.
import { readFileSync } from "fs";
import { join } from "path";

export type FunctionName = "api_handler" | "validator" | "order_storage" | "fulfill_order" | "reconcile_orders";

export interface Metric {
  namespace: string;
  name: string;
  dimensions?: Record<string, string>;
  stat: string;
  period?: number;
}
export interface Alarm {
  name: string;
  description: string;
  /// Whether the alarm fires below the threshold or without data, instead of above the threshold.
  silent: boolean;
  threshold: number;
  /// In how many of the last `of` periods the condition must hold.
  datapoints: number;
  of: number;
  metric?: Metric;
  /// An expression over the metrics m1, m2.
  math?: { expression: string; label: string; metrics: Metric[] };
}
/// One row for each part.
export interface Row {
  title: string;
  graphs: { title: string; metrics: Metric[] }[];
}

interface Dev {
  account: string;
  region: string;
  environment: string;
  tags: Record<string, string>;
  /// The permissions boundary of all roles.
  boundary: string;
  logDays: number;
  functions: Record<FunctionName, { description: string; memory: number; timeout: number }>;
  queues: { visibility: number; wait: number; retention: number; deadRetention: number; attempts: number };
  schedule: { description: string; every: string; retry: { age: number; attempts: number } };
  key: {
    description: string;
    deletionDays: number;
    adminActions: string[];
    useActions: string[];
    publishActions: string[];
  };
  api: {
    description: string;
    validator: string;
    throttle: { burst: number; rate: number };
    model: { name: string; description: string; schema: object };
    accessLog: string;
    cors: Record<string, string>;
    preflight: { template: string; status: string };
    gatewayResponses: {
      type: string;
      status?: string;
      headers: Record<string, string>;
      template: string;
    }[];
  };
  /// The definition in Amazon States Language, with placeholders for the values of the framework.
  machine: string;
  alarms: Alarm[];
  dashboard: Row[];
}

export const DEV: Dev = JSON.parse(readFileSync(join(__dirname, "dev.json"), "utf8"));

/// Returns a text with its placeholders replaced: `${orders_table_name}`.
export const filled = (text: string, values: Record<string, string>) =>
  text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    if (!(name in values)) throw new Error(`nothing is given for ${name}`);
    return values[name];
  });
