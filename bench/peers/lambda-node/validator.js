// Checks an order against the business rules.
exports.handler = async (order) => {
  if (!/^CUST-[A-Za-z0-9]{4}$/.test(order.customerId || "")) throw new Error("ValidationError: customerId");
  if (!/^PROD-[A-Za-z0-9]{4}$/.test(order.productId || "")) throw new Error("ValidationError: productId");
  if (!(order.quantity > 0 && order.price > 0)) throw new Error("ValidationError: quantity/price");
  return { ...order, totalAmount: Math.round(order.quantity * order.price * 100) / 100, status: "VALIDATED" };
};
