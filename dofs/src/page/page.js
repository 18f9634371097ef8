// Listens for the server's events, and passes them to the parts of the page. Start here.

import { at, element, say } from "./dom.js";
import { follow } from "./form.js";
import { failed, changed, show } from "./orders.js";
import { depths, move, running } from "./topology.js";
import "./details.js";

const STATES = ["ACCEPTED", "PROCESSING", "FULFILLED", "FAILED", "REJECTED"];
/** The shortest time between two announcements to screen readers, in milliseconds. */
const PATIENCE = 4000;

/** The last counts, for screen readers. */
let counts = {};
let speaks = null;

function counted(now) {
  counts = now;
  for (const state of STATES) say(at(`count-${state}`), number(now[state]));
  running(number(now.ACCEPTED));
  speaks ??= setTimeout(speak, PATIENCE);
}

const number = (count) => (count ? `${count.number}${count.or_more ? "+" : ""}` : "0");

function speak() {
  speaks = null;
  const told = STATES.map((state) => `${number(counts[state])} ${state.toLowerCase()}`);
  say(at("said"), `Orders: ${told.join(", ")}.`);
}

function waits({ waiting, in_flight, dead }) {
  say(at("depth-waiting"), `${waiting}`);
  say(at("depth-in-flight"), `${in_flight}`);
  say(at("depth-dead"), `${dead}`);
  at("dead-letters").classList.toggle("bad", dead > 0);
  depths(waiting, in_flight, dead);
}

function connection(state, text) {
  at("connection").dataset.state = state;
  say(at("connection"), text);
}

function trouble(message) {
  at("trouble").hidden = !message;
  say(at("trouble"), message);
}

/** Shows the progress of changed sources, which only `dofs local up --watch` sends. */
function work({ stage, text, problems }) {
  at("work").hidden = false;
  at("work").dataset.stage = stage;
  say(at("work-text"), text);
  at("work-problems").replaceChildren(...problems.map((it) => element("li", {}, element("pre", { tabindex: "0" }, it))));
}

const source = new EventSource("/events");
const on = (name, then) => source.addEventListener(name, (event) => then(JSON.parse(event.data)));

on("snapshot", (it) => {
  connection("live", "live");
  trouble("");
  counted(it.counts);
  waits(it.depths);
  show(it.orders);
  failed(it.failures);
  it.orders.forEach(follow);
});
on("order", ({ order, route }) => {
  changed(order);
  follow(order);
  move(route, order.status, order.id);
});
on("counts", counted);
on("depths", ({ depths, route }) => {
  waits(depths);
  move(route, "FAILED", "dead letters");
});
on("failures", failed);
on("work", work);
on("trouble", ({ message }) => {
  connection("waiting", "waiting for AWS");
  trouble(message);
});
source.addEventListener("error", () => connection("lost", "connection lost, trying again"));
