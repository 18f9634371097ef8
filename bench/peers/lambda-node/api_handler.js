// Accepts an order over HTTP, and starts the state machine for it.
const { SFNClient, StartExecutionCommand } = require("@aws-sdk/client-sfn");
const { randomUUID } = require("crypto");
const sfn = new SFNClient({});
exports.handler = async (event) => {
  const order = JSON.parse(event.body || "{}");
  order.orderId = randomUUID();
  await sfn.send(new StartExecutionCommand({
    stateMachineArn: process.env.ORDER_MACHINE_ARN, name: order.orderId, input: JSON.stringify(order),
  }));
  return {
    statusCode: 202, headers: { "content-type": "application/json" },
    body: JSON.stringify({ orderId: order.orderId }),
  };
};
