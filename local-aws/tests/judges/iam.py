"""Judges every policy document below a folder of generated roots. Prints what it finds as JSON.

    python -B iam.py generated
"""

import json
import sys
import warnings

import documents
import roots


def judges():
    """By name, what has `findings` of a document. They read megabytes of AWS's reference."""
    # parliament asks for `pkg_resources`, which says that it will go.
    warnings.simplefilter("ignore")
    import by_parliament
    import by_policy_sentry

    return {"parliament": by_parliament, "policy-sentry": by_policy_sentry}


def main(generated):
    all = [document for root in roots.read(generated) for document in documents.documents(root)]
    found = [
        {"judge": name, "issue": issue, "what": what, "kind": document.kind, "address": document.address}
        for name, judge in judges().items()
        for document in all
        for issue, what in judge.findings(document)
    ]
    said = {"documents": len(all), "statements": sum(len(it.statements) for it in all), "findings": found}
    json.dump(said, sys.stdout, indent=2)


try:
    main(*sys.argv[1:])
except ValueError as err:
    sys.exit(f"the policies cannot be judged: {err}")
