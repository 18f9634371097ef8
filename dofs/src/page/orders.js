// The lists of the last orders and the last failures.

import { at, badge, element, link, moment } from "./dom.js";

/** The largest number of rows. */
const MOST = 25;

/** Replaces the list by these orders, the newest first. */
export function show(orders) {
  at("orders").replaceChildren(...orders.slice(0, MOST).map(row));
  at("no-orders").hidden = orders.length > 0;
}

/** Moves a new or changed order to the top. */
export function changed(order) {
  const rows = at("orders");
  const before = [...rows.children].find((it) => it.dataset.id === order.id);
  // Keep the focus on this order.
  const focused = before?.contains(document.activeElement);
  before?.remove();
  const made = row(order);
  made.classList.add("new");
  rows.prepend(made);
  if (focused) made.querySelector("a").focus({ preventScroll: true });
  while (rows.children.length > MOST) rows.lastElementChild.remove();
  at("no-orders").hidden = true;
}

/** Small screens show the rows as blocks. The roles tell screen readers that it is still a table. */
function row({ id, status, at: when, what, reason }) {
  const cell = (label, content, kind = "") =>
    element("td", { role: "cell", "data-label": label, class: kind }, content);
  const state = badge(status);
  if (reason) state.title = reason;
  return element(
    "tr",
    { role: "row", "data-id": id },
    element("th", { role: "rowheader", scope: "row" }, link(id)),
    cell("State", state),
    cell("Customer", what?.customer ?? "…"),
    cell("Product", what?.product ?? "…"),
    cell("Quantity", `${what?.quantity ?? "…"}`, "number"),
    cell("Total", what?.total == null ? "–" : what.total.toFixed(2), "number"),
    cell("Changed", moment(when)),
  );
}

/** Shows the last failures. */
export function failed(failures) {
  const lines = failures.map(({ id, at: when, reason, message }) => {
    const line = element("li", {}, element("p", {}, element("strong", {}, reason), " ", link(id), " ", moment(when)));
    if (message) line.append(element("p", { class: "message" }, message));
    return line;
  });
  at("failures").replaceChildren(...lines);
  at("no-failures").hidden = failures.length > 0;
}
