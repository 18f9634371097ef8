// Animates orders on their route through the picture. With reduced motion, edges light up instead.

import { at, say } from "./dom.js";

/** The time along one edge, in milliseconds. Each order has its own pace, so that orders do not cover each other. */
const EDGE = 420;
const pace = () => EDGE * (0.8 + Math.random() * 0.6);
/** The largest number of dots. The counts are complete even if not every order gets a dot. */
const MOST = 80;

const still = matchMedia("(prefers-reduced-motion: reduce)");
let dots = 0;
/** The route of each moving order, by its id. A new route begins where the last one ends. */
const ways = new Map();

/** Moves a dot along a route: one group of edges after the other, and the edges of a group at the same time. */
export function move(route, status, id) {
  if (document.hidden || dots >= MOST || route.length === 0) return;
  dots += 1;
  const before = ways.get(id) ?? Promise.resolve();
  const way = before.then(() => go(route, status)).finally(() => {
    dots -= 1;
    if (ways.get(id) === way) ways.delete(id);
  });
  ways.set(id, way);
}

async function go(route, status) {
  const time = pace();
  for (const edges of route) await Promise.all(edges.map((edge) => along(edge, status, time)));
}

function along(edge, status, time) {
  const back = edge.startsWith("-");
  const path = at(back ? edge.slice(1) : edge);
  return still.matches ? light(path) : travel(path, back, status, time);
}

/** Moves a dot along a path, forwards or backwards. */
function travel(path, back, status, time) {
  const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  dot.setAttribute("r", "4.5");
  dot.dataset.status = status;
  const length = path.getTotalLength();
  const begin = performance.now();
  return new Promise((done) => {
    const step = (now) => {
      const part = Math.min(1, Math.max(0, (now - begin) / time));
      const eased = part * part * (3 - 2 * part);
      const { x, y } = path.getPointAtLength(length * (back ? 1 - eased : eased));
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", y);
      if (!dot.isConnected) at("dots").append(dot);
      if (part < 1) return requestAnimationFrame(step);
      dot.remove();
      done();
    };
    requestAnimationFrame(step);
  });
}

/** Lights up a path for a moment. */
async function light(path) {
  path.classList.add("lit");
  await new Promise((done) => setTimeout(done, EDGE * 2));
  path.classList.remove("lit");
}

/** Shows how many orders the machine handles. */
export const running = (number) => say(at("running"), `${number} running`);

/** Shows the number of messages in the queues. */
export function depths(waiting, inFlight, dead) {
  say(at("waiting"), `${waiting} waiting`);
  say(at("in-flight"), `${inFlight} in flight`);
  say(at("dead"), `${dead} dead letter${dead === 1 ? "" : "s"}`);
  at("dlq").classList.toggle("bad", dead > 0);
}
