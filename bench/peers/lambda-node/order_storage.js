// Stores a valid order, and puts it on the queue.
const { DynamoDBClient, PutItemCommand } = require("@aws-sdk/client-dynamodb");
const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
const ddb = new DynamoDBClient({}), sqs = new SQSClient({});
exports.handler = async (order) => {
  await ddb.send(new PutItemCommand({
    TableName: process.env.ORDERS_TABLE, ConditionExpression: "attribute_not_exists(order_id)",
    Item: {
      order_id: { S: order.orderId }, status: { S: "PROCESSING" }, total_amount: { N: String(order.totalAmount) },
    },
  }));
  await sqs.send(new SendMessageCommand({
    QueueUrl: process.env.ORDER_QUEUE_URL, MessageBody: JSON.stringify({ orderId: order.orderId }),
  }));
  return { orderId: order.orderId, status: "PROCESSING" };
};
