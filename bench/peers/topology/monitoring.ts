// The alarms and the dashboard.
import { Alarm, DEV, filled, FunctionName, Metric, Row } from "./dev";

export type { Alarm, Metric, Row };

/// The watched resources, by their names on AWS.
export interface Watched {
  prefix: string;
  functions: Record<FunctionName, string>;
  api: { ApiName: string; Stage: string };
  machine: string;
  queue: string;
  deadLetters: string;
  tables: { orders: string; failed_orders: string };
}

/// The default period of a metric.
export const PERIOD = 60;
export const namespace = (prefix: string) => `${prefix}/orders`;

/// Returns a function that fills the placeholders of a metric with the names of the watched resources.
const named = (of: Watched) => {
  const functions = Object.entries(of.functions).map(([name, it]) => [`${name}_function_name`, it]);
  const values: Record<string, string> = {
    ...Object.fromEntries(functions),
    prefix: of.prefix,
    orders_api_name: of.api.ApiName,
    orders_stage_name: of.api.Stage,
    order_machine_arn: of.machine,
    order_queue_name: of.queue,
    order_dlq_queue_name: of.deadLetters,
    orders_table_name: of.tables.orders,
    failed_orders_table_name: of.tables.failed_orders,
  };
  return (it: Metric): Metric => {
    const dimensions = Object.entries(it.dimensions ?? {}).map(([name, value]) => [name, filled(value, values)]);
    return {
      ...it,
      namespace: filled(it.namespace, values),
      dimensions: dimensions.length ? Object.fromEntries(dimensions) : undefined,
    };
  };
};

export const alarms = (of: Watched): Alarm[] => {
  const metric = named(of);
  return DEV.alarms.map((it) => ({
    ...it,
    metric: it.metric && metric(it.metric),
    math: it.math && { ...it.math, metrics: it.math.metrics.map(metric) },
  }));
};

export const dashboard = (of: Watched): Row[] => {
  const metric = named(of);
  return DEV.dashboard.map((row) => ({
    ...row,
    graphs: row.graphs.map((it) => ({ ...it, metrics: it.metrics.map(metric) })),
  }));
};
