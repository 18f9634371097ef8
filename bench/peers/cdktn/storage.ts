// The tables, and the queue with its dead-letter queue.
import { Construct } from "constructs";
import { DynamodbTable } from "@cdktn/provider-aws/lib/dynamodb-table";
import { SqsQueue } from "@cdktn/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktn/provider-aws/lib/sqs-queue-policy";
import { SqsQueueRedriveAllowPolicy } from "@cdktn/provider-aws/lib/sqs-queue-redrive-allow-policy";
import { SqsQueueRedrivePolicy } from "@cdktn/provider-aws/lib/sqs-queue-redrive-policy";
import { document, overPlainText } from "./policies";
import { dashed, QUEUES } from "../topology/settings";

export function tables(scope: Construct, p: string) {
  const common = {
    billingMode: "PAY_PER_REQUEST",
    hashKey: "order_id",
    deletionProtectionEnabled: false,
    pointInTimeRecovery: { enabled: true },
  };
  const attribute = (...names: string[]) => names.map((name) => ({ name, type: "S" }));
  const orders = new DynamodbTable(scope, "orders", {
    ...common,
    name: `${p}-orders`,
    attribute: attribute("order_id", "status", "updated_at"),
    globalSecondaryIndex: [
      { name: "status-updated_at", hashKey: "status", rangeKey: "updated_at", projectionType: "KEYS_ONLY" },
    ],
    ttl: { attributeName: "expires_at", enabled: true },
  });
  const failed = new DynamodbTable(scope, "failed_orders", {
    ...common,
    name: `${p}-failed-orders`,
    attribute: attribute("order_id"),
  });
  return { orders, failed };
}

export function queues(scope: Construct, p: string) {
  const make = (n: string, messageRetentionSeconds: number) => {
    const made = new SqsQueue(scope, n, {
      name: `${p}-${dashed(n)}`,
      messageRetentionSeconds,
      receiveWaitTimeSeconds: QUEUES.wait,
      sqsManagedSseEnabled: true,
      visibilityTimeoutSeconds: QUEUES.visibility,
    });
    new SqsQueuePolicy(scope, `policy-${n}`, {
      queueUrl: made.id,
      policy: document(overPlainText("sqs:*", made.arn)),
    });
    return made;
  };
  const queue = make("order_queue", QUEUES.retention);
  const deadLetters = make("order_dlq", QUEUES.deadRetention);
  new SqsQueueRedrivePolicy(scope, "redrive", {
    queueUrl: queue.id,
    redrivePolicy: JSON.stringify({
      deadLetterTargetArn: deadLetters.arn,
      maxReceiveCount: QUEUES.attempts,
    }),
  });
  new SqsQueueRedriveAllowPolicy(scope, "redrive-allow", {
    queueUrl: deadLetters.id,
    redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
  });
  return { queue, deadLetters };
}
