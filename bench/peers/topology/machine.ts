// The state machine that stores an order and puts it on the queue.
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
