"""Policy documents by parliament."""

import parliament

# Issues of taste, which do not affect how IAM reads a document.
NOT_ASKED = {
    # Whether a statement is as narrow as it can be, the policy pack of infra-gen decides: `rights/…`.
    "RESOURCE_STAR",
}


def findings(document):
    """The problems of a document: pairs of an issue and its subject."""
    judged = parliament.analyze_policy_string(document.text, ignore_private_auditors=True)
    if len(judged.statements) != len(document.statements):
        yield "unjudged", "a statement is missing"
    for found in judged.findings:
        if found.issue in NOT_ASKED:
            continue
        if found.issue == "RESOURCE_MISMATCH":
            for it in found.detail:
                yield found.issue, f"{it['action']} on {it['required_format']}"
        else:
            yield found.issue, str(found.detail or found.location.get("string", ""))
