// What DOFS is in its environment `dev`, in words of no framework: plain parameters, texts and the state machine, as a
// team would keep them that has its settings apart from its constructs. `cargo xtask bench` writes `dev.json` beside
// this file from `generated/dev`, so nobody keeps it in step by hand. It is read once, however many copies a program writes.
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
  /// Fires below the threshold, or without data, and not above it.
  silent: boolean;
  threshold: number;
  /// In so many of the last periods.
  datapoints: number;
  of: number;
  metric?: Metric;
  /// Of the metrics m1, m2.
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
  /// No role may do more than this policy of the account.
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
  /// Amazon States Language, with names for what a framework puts in.
  machine: string;
  alarms: Alarm[];
  dashboard: Row[];
}

export const DEV: Dev = JSON.parse(readFileSync(join(__dirname, "dev.json"), "utf8"));

/// A text with values for its names: `${orders_table_name}`.
export const filled = (text: string, values: Record<string, string>) =>
  text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    if (!(name in values)) throw new Error(`nothing is given for ${name}`);
    return values[name];
  });
