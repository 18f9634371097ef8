// What wakes somebody, and what they look at then.
import { dashed, FUNCTION_NAMES, FUNCTIONS, FunctionName } from "./settings";

/// What is watched, by its name on AWS.
export interface Watched {
  prefix: string;
  functions: Record<FunctionName, string>;
  api: { ApiName: string; Stage: string };
  machine: string;
  queue: string;
  deadLetters: string;
  tables: { orders: string; failed_orders: string };
}

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
  silent?: boolean;
  threshold: number;
  /// In so many of the last periods.
  datapoints: number;
  of: number;
  metric?: Metric;
  /// Of the metrics m1, m2.
  math?: { expression: string; label: string; metrics: Metric[] };
}
export interface Row {
  title: string;
  graphs: { title: string; metrics: Metric[] }[];
}

const ONCE = { datapoints: 1, of: 1 };
const LASTING = { datapoints: 3, of: 5 };
const metric = (
  namespace: string,
  name: string,
  stat: string,
  dimensions?: Record<string, string>,
): Metric => ({
  namespace,
  name,
  stat,
  dimensions,
});
const lambda = (fn: string, name: string, stat = "Sum") =>
  metric("AWS/Lambda", name, stat, { FunctionName: fn });
const table = (it: string, name: string, index?: string) =>
  metric("AWS/DynamoDB", name, "Sum", {
    TableName: it,
    ...(index && { GlobalSecondaryIndexName: index }),
  });

/// What share of all is this one, or 0 where there are not so many of all.
const share = (of: string, all: string, least: number) => `IF(${all} >= ${least}, ${of} / ${all}, 0)`;

/// The period of a metric where nothing else is said.
export const PERIOD = 60;
export const namespace = (prefix: string) => `${prefix}/orders`;

const ofFunction = (name: FunctionName, fn: string): Alarm[] => [
  {
    name: `${dashed(name)}-errors`,
    description:
      `${name} ended in errors. Its log group has them with order id and trace id; what may pass is tried again by ` +
      "its caller.",
    threshold: 0,
    ...ONCE,
    metric: lambda(fn, "Errors"),
  },
  {
    name: `${dashed(name)}-throttles`,
    description: `${name} was refused for want of concurrency. Raise what is reserved for it, or the account's share.`,
    threshold: 0,
    ...ONCE,
    metric: lambda(fn, "Throttles"),
  },
  {
    name: `${dashed(name)}-duration`,
    description:
      `${name} comes close to its timeout of ${FUNCTIONS[name].timeout} s. Its traces split the time into start and ` +
      "work; its log names a service that did not answer in time.",
    threshold: FUNCTIONS[name].timeout * 800,
    ...LASTING,
    metric: lambda(fn, "Duration", "p99"),
  },
];

const ofTable = (name: string, it: string, indexes: string[] = []): Alarm => {
  const metrics = [undefined, ...indexes].flatMap((index) => [
    table(it, "ReadThrottleEvents", index),
    table(it, "WriteThrottleEvents", index),
  ]);
  return {
    name: `${dashed(name)}-throttles`,
    description:
      `DynamoDB refuses calls to ${name}, or to an index of it. On demand it grows by itself within minutes; where it ` +
      "lasts, look for one key of the table or of the index that takes all the calls.",
    threshold: 0,
    ...LASTING,
    math: {
      expression: metrics.map((_, at) => `FILL(m${at + 1}, 0)`).join(" + "),
      label: "Sum of all",
      metrics,
    },
  };
};

export const alarms = ({ prefix, functions, api, machine, queue, tables }: Watched): Alarm[] => [
  ...FUNCTION_NAMES.flatMap((name) => ofFunction(name, functions[name])),
  ofTable("orders", tables.orders, ["status-updated_at"]),
  ofTable("failed_orders", tables.failed_orders),
  {
    name: "api-4xx",
    description:
      "Most requests are refused, of twenty or more in a minute. The access log tells which route and status: a wrong " +
      "deployment, a client that changed, or somebody who tries things.",
    threshold: 0.5,
    ...LASTING,
    math: {
      expression: share("FILL(m1, 0)", "FILL(m2, 0)", 20),
      label: "Share of 4XXError",
      metrics: ["4XXError", "Count"].map((it) => metric("AWS/ApiGateway", it, "Sum", api)),
    },
  },
  {
    name: "api-5xx",
    description:
      "The API answers with server errors. The access log has the request ids; look them up in the log of api_handler.",
    threshold: 0.01,
    ...LASTING,
    metric: metric("AWS/ApiGateway", "5XXError", "Average", api),
  },
  {
    name: "api-latency",
    description:
      "The API is slow. The access log splits the time into ours and API Gateway's; the trace splits ours into the " +
      "function's start and its work.",
    threshold: 2000,
    ...LASTING,
    metric: metric("AWS/ApiGateway", "Latency", "p99", api),
  },
  {
    name: "executions-failed",
    description:
      "An execution failed: an order could not be stored. Open the failed execution: its name is the order's id, its " +
      "error says why. Where it ended in FailureUnrecorded, no table knows of the order: place it again.",
    threshold: 0,
    ...ONCE,
    metric: metric("AWS/States", "ExecutionsFailed", "Sum", { StateMachineArn: machine }),
  },
  {
    name: "executions-timed-out",
    description:
      "An execution took longer than all attempts together can take. No table may know of the order: its name is the " +
      "order's id, place it again.",
    threshold: 0,
    ...ONCE,
    metric: metric("AWS/States", "ExecutionsTimedOut", "Sum", { StateMachineArn: machine }),
  },
  {
    name: "executions-throttled",
    description:
      "Orders wait between two states, since the executions of the account enter more states than its quota allows. " +
      "Nothing is lost. Where it lasts, lower the API's rate, or have the quota StateTransition of Step Functions raised.",
    threshold: 0,
    ...LASTING,
    metric: metric("AWS/States", "ExecutionThrottled", "Sum", { StateMachineArn: machine }),
  },
  {
    name: "queue-age",
    description:
      "Orders wait too long. See whether fulfill_order runs, is throttled or fails; raise its concurrency where there " +
      "are simply many orders.",
    threshold: 300,
    ...LASTING,
    metric: metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", { QueueName: queue }),
  },
  {
    name: "messages-unreadable",
    description:
      "A message on the order queue cannot be read, or leads to no order. Its item in failed_orders, message-<id>, has " +
      "the reason and the message. Find out who sent it: only order_storage should. It goes on to the dead letters.",
    threshold: 0,
    ...ONCE,
    metric: metric(namespace(prefix), "MessagesUnreadable", "Sum"),
  },
  {
    name: "deliveries-faulted",
    description:
      "For minutes, messages went back to the queue, since a service did not do its part. The log of fulfill_order " +
      "names the service. A message that goes back too often becomes a dead letter, and reconcile_orders closes its " +
      "order as FAILED: put it back with a redrive once the service is well again.",
    threshold: 0,
    ...LASTING,
    metric: metric(namespace(prefix), "DeliveriesFaulted", "Sum"),
  },
  {
    name: "orders-failed",
    description:
      "More orders fail than are meant to. Look at failure_reason in the newest items of failed_orders, and at the log " +
      "of fulfill_order; put the messages back once the cause is gone.",
    threshold: 0.51,
    ...ONCE,
    math: {
      expression: share("FILL(m1, 0)", "(FILL(m1, 0) + FILL(m2, 0))", 162),
      label: "Share of OrdersFailed",
      metrics: ["OrdersFailed", "OrdersFulfilled"].map((it) => ({
        ...metric(namespace(prefix), it, "Sum"),
        period: 900,
      })),
    },
  },
  {
    name: "orders-stuck",
    description:
      "Orders were still PROCESSING past their deadline, and were closed as FAILED. Look for the order ids in the log " +
      "of reconcile_orders, then follow one through the log of fulfill_order.",
    threshold: 0,
    ...ONCE,
    metric: metric(namespace(prefix), "OrdersStuck", "Sum"),
  },
  {
    name: "reconcile-orders-silent",
    description:
      "reconcile_orders was not called for two intervals of its schedule. Until it is, orders that nobody decides stay " +
      "PROCESSING. See whether the schedule reconcile_schedule is enabled and its role may invoke the function, and " +
      "whether the function is throttled.",
    silent: true,
    threshold: 1,
    datapoints: 2,
    of: 2,
    math: {
      expression: "FILL(m1, 0)",
      label: "Count of Invocations",
      metrics: [{ ...lambda(functions.reconcile_orders, "Invocations"), period: 300 }],
    },
  },
  {
    name: "calls-throttled",
    description:
      "Callers were answered 503, since Step Functions throttled StartExecution or DescribeExecution. Something else in " +
      "the account uses the quota as well, or callers ask for orders that do not exist. Where it lasts, lower the API's " +
      "rate, or have the quota raised.",
    threshold: 0,
    ...ONCE,
    metric: metric(namespace(prefix), "CallsThrottled", "Sum"),
  },
];

/// One row for each part.
export const dashboard = ({
  prefix,
  functions,
  api,
  machine,
  queue,
  deadLetters,
  tables,
}: Watched): Row[] => {
  const ofOrders = (name: string) => metric(namespace(prefix), name, "Sum");
  const ofApi = (name: string, stat: string) => metric("AWS/ApiGateway", name, stat, api);
  const ofMachine = (name: string, stat: string) =>
    metric("AWS/States", name, stat, { StateMachineArn: machine });
  const ofQueue = (it: string, name: string) => metric("AWS/SQS", name, "Maximum", { QueueName: it });
  const eachFunction = (name: string, stat: string) =>
    FUNCTION_NAMES.map((it) => lambda(functions[it], name, stat));
  const eachTable = (name: string) => [table(tables.orders, name), table(tables.failed_orders, name)];
  return [
    {
      title: "Orders",
      graphs: [
        {
          title: "Orders",
          metrics: [
            ...["Accepted", "Rejected", "Fulfilled", "Failed", "Stuck"].map((it) => `Orders${it}`),
            "CallsThrottled",
          ].map(ofOrders),
        },
        { title: "Messages in trouble", metrics: ["MessagesUnreadable", "DeliveriesFaulted"].map(ofOrders) },
      ],
    },
    {
      title: "api_gateway",
      graphs: [
        { title: "Requests", metrics: [ofApi("Count", "Sum")] },
        { title: "Share of errors", metrics: [ofApi("4XXError", "Average"), ofApi("5XXError", "Average")] },
        { title: "Latency p99", metrics: [ofApi("Latency", "p99")] },
      ],
    },
    {
      title: "stepfunctions",
      graphs: [
        {
          title: "Executions",
          metrics: ["Started", "Succeeded", "Failed", "TimedOut"].map((it) =>
            ofMachine(`Executions${it}`, "Sum"),
          ),
        },
        { title: "Time p99", metrics: [ofMachine("ExecutionTime", "p99")] },
      ],
    },
    {
      title: "lambdas",
      graphs: [
        { title: "Calls", metrics: eachFunction("Invocations", "Sum") },
        { title: "Errors", metrics: eachFunction("Errors", "Sum") },
        { title: "Throttles", metrics: eachFunction("Throttles", "Sum") },
        { title: "Duration p99", metrics: eachFunction("Duration", "p99") },
      ],
    },
    {
      title: "sqs",
      graphs: [
        {
          title: "Messages",
          metrics: [
            ofQueue(queue, "ApproximateNumberOfMessagesVisible"),
            ofQueue(queue, "ApproximateNumberOfMessagesNotVisible"),
          ],
        },
        { title: "Oldest message", metrics: [ofQueue(queue, "ApproximateAgeOfOldestMessage")] },
        { title: "Dead letters", metrics: [ofQueue(deadLetters, "ApproximateNumberOfMessagesVisible")] },
      ],
    },
    {
      title: "dynamodb",
      graphs: [
        { title: "Read units", metrics: eachTable("ConsumedReadCapacityUnits") },
        { title: "Write units", metrics: eachTable("ConsumedWriteCapacityUnits") },
        { title: "Refused writes", metrics: eachTable("WriteThrottleEvents") },
      ],
    },
  ];
};
