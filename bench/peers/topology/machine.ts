// The state machine that takes an order to the table and the queue.
export interface MachineParts {
  validator: string;
  orderStorage: string;
  ordersTable: string;
  failedOrdersTable: string;
}

const input = (field: string) => `{% $states.input.${field} %}`;
const S = (field: string) => ({ S: input(field) });
const CAUSE =
  "{% $exists($states.errorOutput.Cause) ? $substring($states.errorOutput.Cause, 0, 8192) : '' %}";
const ERROR = "{% $states.errorOutput.Error %}";

/// What a state hands on, with what is new in it.
const FIELDS = [
  "cause",
  "customerId",
  "error",
  "failedAt",
  "metadata",
  "orderId",
  "price",
  "productId",
  "quantity",
  "submittedAt",
  "totalAmount",
  "validationStatus",
];
const SAME = Object.fromEntries(FIELDS.map((it) => [it, input(it)]));
const otherwise = (error: string, next: string, changed: object = {}) => ({
  ErrorEquals: [error],
  Next: next,
  Output: { ...SAME, ...changed },
});
const failure = (changed: object) => ({ cause: CAUSE, error: ERROR, failedAt: "{% $now() %}", ...changed });

const retry = (MaxAttempts: number, MaxDelaySeconds: number) => ({
  BackoffRate: 2,
  ErrorEquals: ["States.ALL"],
  IntervalSeconds: 1,
  JitterStrategy: "FULL",
  MaxAttempts,
  MaxDelaySeconds,
});
const never = (error: string) => ({ ErrorEquals: [error], MaxAttempts: 0 });
const FAIL = { Type: "Fail", Cause: input("cause"), Error: input("error") };
const SUCCEED = { Type: "Succeed" };

/// An order as the table has it, which ended in this status: one expression, since an attribute without a value
/// is no attribute.
const order = (status: string, expires: Record<string, string>) => {
  const field = (it: string) => `$states.input.${it}`;
  const text = (it: string) => `{'S': ${field(it)}}`;
  const number = (it: string) => `{'N': $string(${field(it)})}`;
  const perhaps = (it: string, value: string) => `${field(it)} != null ? ${value}`;
  const attributes: Record<string, string> = {
    order_id: text("orderId"),
    customer_id: text("customerId"),
    product_id: text("productId"),
    quantity: number("quantity"),
    price: number("price"),
    total_amount: perhaps("totalAmount", number("totalAmount")),
    status: `{'S': '${status}'}`,
    created_at: text("submittedAt"),
    updated_at: text("failedAt"),
    validation_status: text("validationStatus"),
    metadata: perhaps(
      "metadata",
      `{'M': $merge($append([{}], $each(${field("metadata")}, function($v, $k) { {$k: {'S': $v}} })))}`,
    ),
    failure_reason: text("error"),
    failure_timestamp: text("failedAt"),
    error_message: text("cause"),
    ...expires,
    round: "{'N': '0'}",
  };
  const all = Object.entries(attributes).map(([name, value]) => `'${name}': ${value}`);
  return `{% {${all.join(", ")}} %}`;
};
const REJECTED_ORDER = order("REJECTED", { expires_at: "{'N': $string($floor($millis() / 1000) + 604800)}" });
const FAILED_ORDER = order("FAILED", {});
const FAILED_RECORD = {
  error_message: S("cause"),
  failed_timestamp: S("failedAt"),
  failure_reason: S("error"),
  order_id: S("orderId"),
  original_timestamp: S("submittedAt"),
  receive_count: { N: "0" },
};

/// A call of a function. An error of its own has a state of its own, and any other is recorded.
const call = (fn: string, next: string, handed: object, own?: string) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: fn, Payload: "{% $states.input %}" },
  Output: "{% $states.result.Payload %}",
  TimeoutSeconds: 15,
  Retry: [...(own ? [never(own)] : []), retry(6, 30)],
  Catch: [
    ...(own ? [otherwise(own, own, failure(handed))] : []),
    otherwise("States.ALL", "RecordFailure", failure(handed)),
  ],
  Next: next,
});
/// The order's own error goes on, beside what DynamoDB said.
const unrecorded = (error: string, Next: string) => ({
  ErrorEquals: [error],
  Next,
  Output: { cause: input("cause"), error: input("error"), orderId: input("orderId"), reasons: CAUSE },
});
/// What the answer holds goes on, to the state for it.
const holds = (field: string, Next: string) => ({
  Condition: `{% $exists($states.input.${field}) %}`,
  Next,
  Output: input(field),
});

export const MACHINE_COMMENT =
  "Takes a submitted order to the table and the queue. The execution's name is the order's id, so an order is taken once.";

export const machine = ({ validator, orderStorage, ordersTable, failedOrdersTable }: MachineParts) =>
  JSON.stringify({
    Comment: MACHINE_COMMENT,
    QueryLanguage: "JSONata",
    StartAt: "ValidateOrder",
    TimeoutSeconds: 86400,
    States: {
      ValidateOrder: call(validator, "ValidOrInvalid", {
        totalAmount: "{% null %}",
        validationStatus: "UNKNOWN",
      }),
      ValidOrInvalid: {
        Type: "Choice",
        Choices: [holds("valid", "StoreOrder"), holds("invalid", "RecordRejection")],
      },
      StoreOrder: call(orderStorage, "Stored", { validationStatus: "VALID" }, "OrderConflict"),
      RecordRejection: {
        Type: "Task",
        Resource: "arn:aws:states:::dynamodb:putItem",
        Arguments: {
          ConditionExpression: "attribute_not_exists(#key)",
          ExpressionAttributeNames: { "#key": "order_id" },
          Item: REJECTED_ORDER,
          TableName: ordersTable,
        },
        Output: "{% $states.input %}",
        TimeoutSeconds: 15,
        Retry: [never("DynamoDB.ConditionalCheckFailedException"), retry(30, 600)],
        Catch: [
          otherwise("DynamoDB.ConditionalCheckFailedException", "Rejected"),
          otherwise("States.ALL", "RecordFailure", { cause: CAUSE, error: ERROR }),
        ],
        Next: "Rejected",
      },
      RecordFailure: {
        Type: "Task",
        Resource: "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
        Arguments: {
          ClientRequestToken: input("orderId"),
          TransactItems: [
            {
              Put: {
                ConditionExpression: "attribute_not_exists(#key) OR #is = :value",
                ExpressionAttributeNames: { "#is": "status", "#key": "order_id" },
                ExpressionAttributeValues: { ":value": { S: "PROCESSING" } },
                Item: FAILED_ORDER,
                TableName: ordersTable,
              },
            },
            { Put: { Item: FAILED_RECORD, TableName: failedOrdersTable } },
          ],
        },
        Output: "{% $states.input %}",
        TimeoutSeconds: 15,
        Retry: [retry(30, 600)],
        Catch: [
          unrecorded("DynamoDb.TransactionCanceledException", "WhyCanceled"),
          unrecorded("States.ALL", "FailureUnrecorded"),
        ],
        Next: "OrderFailed",
      },
      WhyCanceled: {
        Type: "Choice",
        Choices: [
          {
            Condition: "{% $contains($states.input.reasons, 'ConditionalCheckFailed') %}",
            Next: "AlreadyDecided",
          },
        ],
        Default: "FailureUnrecorded",
      },
      Stored: SUCCEED,
      Rejected: SUCCEED,
      AlreadyDecided: SUCCEED,
      OrderConflict: FAIL,
      OrderFailed: FAIL,
      FailureUnrecorded: FAIL,
    },
  });
