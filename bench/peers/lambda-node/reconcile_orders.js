// Closes orders that are still PROCESSING after their deadline.
const { DynamoDBClient, GetItemCommand, QueryCommand, TransactWriteItemsCommand } = require("@aws-sdk/client-dynamodb");
const ddb = new DynamoDBClient({});
exports.handler = async () => {
  const due = new Date(Date.now() - process.env.PROCESSING_DEADLINE_MINUTES * 60_000).toISOString();
  let after;
  do {
    const page = await ddb.send(new QueryCommand({
      TableName: process.env.ORDERS_TABLE, IndexName: "status-updated_at", Limit: 25, ExclusiveStartKey: after,
      KeyConditionExpression: "#s = :p AND updated_at < :due", ExpressionAttributeNames: { "#s": "status" },
      ExpressionAttributeValues: { ":p": { S: "PROCESSING" }, ":due": { S: due } },
    }));
    await Promise.all((page.Items || []).map(async ({ order_id }) => {
      const order = await ddb.send(new GetItemCommand({
        TableName: process.env.ORDERS_TABLE, Key: { order_id }, ConsistentRead: true,
      }));
      if (!order.Item) return;
      await ddb.send(new TransactWriteItemsCommand({
        TransactItems: [
          { Update: {
            TableName: process.env.ORDERS_TABLE, Key: { order_id }, UpdateExpression: "SET #s = :f",
            ConditionExpression: "#s = :p", ExpressionAttributeNames: { "#s": "status" },
            ExpressionAttributeValues: { ":f": { S: "FAILED" }, ":p": { S: "PROCESSING" } },
          } },
          { Put: {
            TableName: process.env.FAILED_ORDERS_TABLE,
            Item: {
              order_id, failure_reason: { S: "ProcessingDeadlinePassed" },
              original_timestamp: order.Item.created_at,
            },
          } },
        ],
      }));
    }));
    after = page.LastEvaluatedKey;
  } while (after);
  return null;
};
