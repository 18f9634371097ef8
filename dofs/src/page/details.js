// The details of one order, in a dialog. The fragment `#order/<id>` opens it.

import { at, badge, element, moment } from "./dom.js";

const dialog = at("details");
/** The number of the last request. Answers to earlier requests are not shown. */
let asked = 0;

async function open() {
  // Accept ids in upper case, which people may paste from other programs.
  const id = location.hash.match(/^#order\/(.+)$/)?.[1].toLowerCase();
  if (!id) return dialog.close();
  const mine = (asked += 1);
  at("details-title").textContent = decoded(id);
  at("details-body").replaceChildren(element("p", {}, "…"));
  if (!dialog.open) dialog.showModal();
  const shown = await ask(id);
  if (mine === asked) at("details-body").replaceChildren(...shown);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function ask(id) {
  try {
    const answer = await fetch(`/orders/${id}`);
    const body = await answer.json();
    return answer.ok ? told(body) : [element("p", { class: "problem" }, body.message)];
  } catch {
    return [element("p", { class: "problem" }, "The page's server does not answer.")];
  }
}

function told({ view, viewProblem, record, failed, execution }) {
  const parts = [];
  if (view) parts.push(part("The answer to the customer", view));
  for (const { pointer, message } of view?.problems ?? []) {
    parts.push(element("p", { class: "problem" }, `${pointer || "the order"} ${message}`));
  }
  if (viewProblem) parts.push(element("p", { class: "problem" }, viewProblem));
  if (execution) parts.push(part("Its execution", execution));
  if (record) parts.push(part("Its record in orders", record));
  if (failed) parts.push(part("Its record in failed_orders", failed));
  return parts;
}

/** Leaves out fields that are `null`. */
function part(title, values) {
  const lines = Object.entries(values)
    .filter(([name, value]) => value !== null && name !== "problems")
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, shown(name, value))),
    );
  return element("section", {}, element("h3", {}, title), element("dl", {}, ...lines));
}

function shown(name, value) {
  if (name === "status") return badge(value);
  if (typeof value === "object") return element("pre", {}, JSON.stringify(value, null, 2));
  const isMoment = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
  return isMoment ? moment(value) : `${value}`;
}

dialog.addEventListener("close", () => {
  if (location.hash) history.pushState(null, "", location.pathname);
});
// A click outside of the dialog closes it.
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
addEventListener("hashchange", open);
open();
