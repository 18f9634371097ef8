// Elements, made of text alone: what comes from orders never becomes HTML.

/** The element with this id. */
export const at = (id) => document.getElementById(id);

/** A new element: its attributes by name, then what is in it: texts and elements. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Sets a text, where it is another one. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** The word of a state, with its colour. */
export const badge = (status) => element("span", { class: "badge", "data-status": status }, status);

/** A link to the details of an order, by the end of its id: the beginning is a time. */
export function link(id) {
  const short = id.length > 14 ? `…${id.slice(-12)}` : id;
  return element("a", { href: `#order/${encodeURIComponent(id)}`, title: id, "data-id": id }, short);
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });

/** A moment, in the time of who looks: today's without the day. */
export function moment(at) {
  const when = new Date(at);
  const today = when.toDateString() === new Date().toDateString();
  return element("time", { datetime: at, title: at }, (today ? clock : date).format(when));
}
