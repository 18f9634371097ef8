// Orders on their way through the picture. Where motion is not wanted, edges light up instead.

import { at, say } from "./dom.js";

/** Milliseconds along one edge: each order has its own pace, so that those that come together part. */
const EDGE = 420;
const pace = () => EDGE * (0.8 + Math.random() * 0.6);
/** More dots at once would only be in each other's way; the counts are right all the same. */
const MOST = 80;

const still = matchMedia("(prefers-reduced-motion: reduce)");
let dots = 0;
/** The way of an order that moves, by its id: it goes on where it has come to. */
const ways = new Map();

/** Moves a dot along a route: groups of edges, those of a group at once. */
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

/** A dot goes along a path, or back. */
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

/** A path is lit for a moment. */
async function light(path) {
  path.classList.add("lit");
  await new Promise((done) => setTimeout(done, EDGE * 2));
  path.classList.remove("lit");
}

/** Says how many orders the machine has. */
export const running = (number) => say(at("running"), `${number} running`);

/** Says what waits. */
export function depths(waiting, inFlight, dead) {
  say(at("waiting"), `${waiting} waiting`);
  say(at("in-flight"), `${inFlight} in flight`);
  say(at("dead"), `${dead} dead letter${dead === 1 ? "" : "s"}`);
  at("dlq").classList.toggle("bad", dead > 0);
}
