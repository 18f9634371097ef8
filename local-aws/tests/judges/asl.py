"""Plays runs of state machines again, with sfnx, and compares each with how it went in the interpreter. Prints it as JSON.

    python -B asl.py runs.jsonl

Each line is a machine, or a run of one: its input, each call with its answer, each Wait, and how it ended. No delay of a
retry passes, on neither side: sfnx has none. A call takes the time that the run says, and a Wait its seconds.
"""

import collections
import datetime
import json
import sys

from jsonata.parser import Parser
from sfnx import testing

# The number of characters of a value that a finding shows.
MOST_LETTERS = 240


class Parted(Exception):
    """The two do different things from here on, so that nothing more can be compared."""


class Replay:
    """One run, and what was compared and found in it."""

    def __init__(self, machine, run):
        self.machine, self.run = machine, run
        self.steps = collections.deque(run["steps"])
        self.millis = run["began"]
        self.compared, self.findings = 0, []

    def play(self):
        try:
            execution = testing.run(
                self.machine,
                self.run["input"],
                self.call,
                functions={"now": self.now, "millis": lambda: self.millis},
                on_wait=self.wait,
                start_time=self.text(),
            )
        except Parted:
            return
        except (testing.InvalidDefinition, testing.Unsupported) as refused:
            self.find("machine", str(refused))
            return
        if self.steps:
            self.find("steps", f"the end for {brief(self.steps[0])}")
            return
        if self.end(execution):
            self.states(execution.states)

    def call(self, call):
        step = self.next("call", call.state, call.resource)
        self.compare("arguments", step["arguments"], call.arguments, ())
        self.millis += self.run["takes"]
        answer = step["answer"]
        if "result" in answer:
            return answer["result"]
        raise testing.Failure(answer["error"], answer.get("cause") or "")

    def wait(self, wait):
        step = self.next("wait", wait.state, None)
        self.same("seconds", step["seconds"], wait.seconds)
        self.millis += 1000 * wait.seconds

    def next(self, kind, state, resource):
        """The step that comes now. It has to be this one."""
        self.compared += 1
        found = {"step": kind, "state": state, "resource": resource}
        if not self.steps and "open" in self.run["end"]:
            self.same("open", self.run["end"]["open"], state)
            raise Parted
        if not self.steps:
            self.find("steps", f"{brief(found)} for the end: {brief(self.run['end'])}")
            raise Parted
        step = self.steps.popleft()
        if any(step.get(name) != value for name, value in found.items()):
            self.find("steps", f"{brief(found)} for {brief(step)}")
            raise Parted
        return step

    def end(self, execution):
        """How it ended. Whether that is the same state and the same error."""
        expected, found = self.run["end"], {"state": execution.states[-1]}
        if execution.error is None:
            found["output"] = execution.output
        else:
            found |= {"error": execution.error, "cause": execution.cause}
        self.compared += 1
        if any(expected.get(name) != found.get(name) for name in ["state", "error"]):
            self.find("end", f"{brief(found)} for {brief(expected)}")
            return False
        if execution.error is None:
            self.compare("output", expected["output"], execution.output, ())
        else:
            # It has an empty cause where there is none.
            self.same("cause", expected["cause"] or "", execution.cause)
        return True

    def states(self, states):
        """Which states were entered, one after the other, and which ways a Choice or a catcher took."""
        rest = collections.deque(states)
        for entered in self.run["entered"]:
            # Between two steps, no state is entered twice.
            found = [rest.popleft() for _ in entered if rest]
            self.same("states", sorted(entered), sorted(found))
        self.same("states", [], list(rest))
        taken = set(zip(states, states[1:]))
        # An execution that failed in the Output of a transition has chosen that transition and not taken it.
        failed = self.run["end"]["state"] if "error" in self.run["end"] else None
        chosen = {(a, b) for a, b in self.run["chosen"] if a != failed or (a, b) in taken}
        rest = {(a, b) for a, b in taken if b != self.machine["States"][a].get("Next")}
        # A catcher may lead where the state leads to anyhow.
        self.same("ways", sorted(chosen), sorted(rest | (chosen & taken)))

    def now(self, *arguments):
        if arguments:
            raise ValueError("$now has no picture here")
        return self.text()

    def text(self):
        moment = datetime.datetime.fromtimestamp(self.millis // 1000, datetime.UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{self.millis % 1000:03}Z"

    def compare(self, issue, ours, theirs, path):
        """Value by value: so that a difference says where it is."""
        if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
            for name in ours:
                self.compare(issue, ours[name], theirs[name], (*path, name))
        elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
            for at, pair in enumerate(zip(ours, theirs)):
                self.compare(issue, *pair, (*path, str(at)))
        else:
            self.same(" ".join([issue, "/".join(path)]).strip(), ours, theirs)

    def same(self, issue, ours, theirs):
        self.compared += 1
        # To Python, true is 1.
        if ours != theirs or isinstance(ours, bool) != isinstance(theirs, bool):
            self.find(issue, f"{brief(theirs)} for {brief(ours)}")

    def find(self, issue, what):
        run = self.run
        self.findings.append(
            {"judge": "sfnx", "issue": issue, "what": what, "kind": run["kind"], "address": run["name"]}
        )


def brief(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_LETTERS else text[:MOST_LETTERS] + "…"


def main(path):
    machines = {}
    runs, compared, findings = 0, 0, []
    with open(path, encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if "document" in line:
                machines[line["machine"]] = line["document"]
                continue
            replay = Replay(machines[line["machine"]], line)
            replay.play()
            runs += 1
            compared += replay.compared
            findings += replay.findings
    json.dump({"runs": runs, "comparisons": compared, "findings": findings}, sys.stdout)


def once(function, key):
    """Calls it once for each key: what it gives, or the failure it raises, is the same every time."""
    known = {}

    def cached(*arguments):
        name = key(*arguments)
        if name is None:
            return function(*arguments)
        if name not in known:
            try:
                # The arguments are kept, so that no others get their ids.
                known[name] = (function(*arguments), None, arguments)
            except testing.Failure as failure:
                known[name] = (None, failure, arguments)
        value, failure, _ = known[name]
        if failure is not None:
            raise testing.Failure(failure.error, failure.cause)
        return value

    return cached


def expression(code, variables, states):
    """The inputs that an expression's value depends on. An expression with a clock has no such key."""
    if variables or "$now" in code or "$millis" in code:
        return None
    read = {name: value for name, value in states.items() if name != "context" or name in code}
    # Members keep their order: an expression can tell.
    return code, json.dumps(read)


# sfnx checks a machine before each run, parses an expression before each use of it, and runs here meet the same values
# again and again.
testing.check = once(testing.check, id)
Parser.parse = once(Parser.parse, lambda parser, code, engine: code)
testing.evaluate = once(testing.evaluate, expression)
main(*sys.argv[1:])
