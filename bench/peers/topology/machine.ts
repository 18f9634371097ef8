// The state machine that takes an order to the table and the queue.
export interface MachineParts {
  validator: string;
  orderStorage: string;
  ordersTable: string;
  failedOrdersTable: string;
}

const input = (field: string) => `{% $states.input.${field} %}`;
const S = (field: string) => ({ S: input(field) });
const N = (field: string) => ({ N: `{% $string($states.input.${field}) %}` });
const NULL = { NULL: true };
const CAUSE = "{% $exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : '' %}";
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

/// An order as the table has it, which ended in this status.
const order = (status: string, expires: object) => ({
  created_at: S("submittedAt"),
  customer_id: S("customerId"),
  dead_letter: NULL,
  error_message: S("cause"),
  expires_at: expires,
  failure_reason: S("error"),
  failure_timestamp: S("failedAt"),
  fulfillment_details: NULL,
  metadata:
    "{% $states.input.metadata = null ? {'NULL': true} : {'M': $merge($append([{}], $each($states.input.metadata, " +
    "function($v, $k) { {$k: {'S': $v}} })))} %}",
  order_id: S("orderId"),
  price: N("price"),
  product_id: S("productId"),
  quantity: N("quantity"),
  round: { N: "0" },
  status: { S: status },
  total_amount:
    "{% $states.input.totalAmount = null ? {'NULL': true} : {'N': $string($states.input.totalAmount)} %}",
  updated_at: S("failedAt"),
  validation_status: S("validationStatus"),
});
const REJECTED_ORDER = order("REJECTED", { N: "{% $string($floor($millis() / 1000) + 604800) %}" });
const FAILED_ORDER = order("FAILED", NULL);
const FAILED_RECORD = {
  error_message: S("cause"),
  failed_timestamp: S("failedAt"),
  failure_reason: S("error"),
  order_id: S("orderId"),
  original_timestamp: S("submittedAt"),
  raw_body: NULL,
  receive_count: { N: "0" },
};

/// A call of a function. An error of its own has a state of its own, and any other is recorded.
const call = (
  fn: string,
  own: string,
  ownNext: string,
  next: string,
  handed: object,
  unknown: object = {},
) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: fn, Payload: "{% $states.input %}" },
  Output: "{% $states.result.Payload %}",
  TimeoutSeconds: 15,
  Retry: [never(own), retry(6, 30)],
  Catch: [
    otherwise(own, ownNext, failure(handed)),
    otherwise("States.ALL", "RecordFailure", failure({ ...handed, ...unknown })),
  ],
  Next: next,
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
      ValidateOrder: call(
        validator,
        "OrderInvalid",
        "RecordRejection",
        "StoreOrder",
        { totalAmount: "{% null %}", validationStatus: "INVALID" },
        { validationStatus: "UNKNOWN" },
      ),
      StoreOrder: call(orderStorage, "OrderConflict", "OrderConflict", "Stored", {
        validationStatus: "VALID",
      }),
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
          otherwise("DynamoDb.TransactionCanceledException", "AlreadyDecided"),
          otherwise("States.ALL", "FailureUnrecorded"),
        ],
        Next: "OrderFailed",
      },
      Stored: SUCCEED,
      Rejected: SUCCEED,
      AlreadyDecided: SUCCEED,
      OrderConflict: FAIL,
      OrderFailed: FAIL,
      FailureUnrecorded: FAIL,
    },
  });
