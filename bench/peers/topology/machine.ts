// The state machine that takes an order to the table and the queue.
import { DEV, filled } from "./dev";

export interface MachineParts {
  validator: string;
  orderStorage: string;
  ordersTable: string;
  failedOrdersTable: string;
}

export const machine = (it: MachineParts) =>
  filled(DEV.machine, {
    validator_alias_arn: it.validator,
    order_storage_alias_arn: it.orderStorage,
    orders_table_name: it.ordersTable,
    failed_orders_table_name: it.failedOrdersTable,
  });
