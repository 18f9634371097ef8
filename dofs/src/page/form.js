// The form that places an order. It does not validate the order, but shows the problems that the API reports.

import { at, badge, element, link } from "./dom.js";

const FIELDS = ["customerId", "productId", "quantity", "price", "metadata"];
const form = at("place");

/** The idempotency key of the order in the form: if it is sent twice, the order is placed once. */
let key = crypto.randomUUID();
/** The last placed order, until it is decided. */
let placed = null;

form.addEventListener("input", () => (key = crypto.randomUUID()));
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clear();
  const order = written();
  if (!order) return;
  at("send").disabled = true;
  try {
    await send(order);
  } catch {
    tell("The page's server does not answer.");
  } finally {
    at("send").disabled = false;
    // Give the focus back, because a disabled button loses it.
    if (document.activeElement === document.body) at("send").focus();
  }
});

/**
 * The order as JSON. It keeps the digits of numbers and the text of the metadata, and writes any other text as a string. The
 * API validates it.
 */
function written() {
  const fields = [];
  for (const name of FIELDS) {
    const text = at(name).value;
    if (name === "metadata") {
      if (!text.trim()) continue;
      try {
        JSON.parse(text);
      } catch {
        problem("/metadata", "must be JSON");
        at("metadata").focus();
        return null;
      }
      fields.push(`"metadata":${text}`);
    } else {
      const number = name === "quantity" || name === "price";
      const isNumber = number && /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text);
      fields.push(`"${name}":${isNumber ? text : JSON.stringify(text)}`);
    }
  }
  return `{${fields.join(",")}}`;
}

async function send(order) {
  const answer = await fetch(form.getAttribute("action"), {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    body: order,
  });
  const body = await answer.json();
  if (answer.status === 202) {
    key = crypto.randomUUID();
    placed = body.orderId;
    outcome(body.orderId, body.status);
  } else {
    const problems = body.problems ?? [];
    tell(`${answer.status}: ${body.message}`);
    problems.forEach((it) => problem(it.pointer, it.message));
    form.querySelector("[aria-invalid]")?.focus();
  }
}

/** Shows the status of the last placed order. */
export async function follow({ id, status }) {
  if (id !== placed) return;
  outcome(id, status);
  if (status !== "REJECTED") return;
  placed = null;
  const answer = await fetch(`/orders/${id}`);
  const problems = answer.ok ? ((await answer.json()).view?.problems ?? []) : [];
  problems.forEach((it) => problem(it.pointer, it.message));
}

function outcome(id, status) {
  at("outcome").className = "";
  at("outcome").replaceChildren(badge(status), " ", link(id));
}

function tell(message) {
  at("outcome").className = "problem";
  at("outcome").textContent = message;
}

/** Shows a problem at the field of its pointer, or below the form if there is no such field. */
function problem(pointer, message) {
  const name = FIELDS.find((it) => pointer === `/${it}` || pointer.startsWith(`/${it}/`));
  if (!name) {
    at("outcome").append(element("span", {}, ` ${pointer} ${message}`));
    return;
  }
  const rest = pointer.slice(name.length + 1);
  at(name).setAttribute("aria-invalid", "true");
  const line = at(`${name}-problem`);
  line.textContent = [line.textContent, `${rest} ${message}`.trim()].filter(Boolean).join("; ");
}

function clear() {
  placed = null;
  at("outcome").className = "";
  at("outcome").replaceChildren();
  for (const name of FIELDS) {
    at(name).removeAttribute("aria-invalid");
    at(`${name}-problem`).textContent = "";
  }
}
