// Creates elements from text only, so that text from orders never becomes HTML.

/** The element with this id. */
export const at = (id) => document.getElementById(id);

/** Creates an element from its attributes by name, and its content: texts and elements. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Sets a text if it has changed. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A badge with the name and the colour of a status. */
export const badge = (status) => element("span", { class: "badge", "data-status": status }, status);

/** A link to the details of an order. It shows the end of the id, because the beginning is a timestamp. */
export function link(id) {
  const short = id.length > 14 ? `…${id.slice(-12)}` : id;
  return element("a", { href: `#order/${encodeURIComponent(id)}`, title: id, "data-id": id }, short);
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });

/** A time in the reader's time zone, without the date if it is today. */
export function moment(at) {
  const when = new Date(at);
  const today = when.toDateString() === new Date().toDateString();
  return element("time", { datetime: at, title: at }, (today ? clock : date).format(when));
}
