"""Validates the OpenAPI documents below a folder. Prints the findings as JSON.

    python -B openapi.py generated
"""

import json
import pathlib
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator


def main(folder):
    documents, findings = 0, []
    for path in sorted(pathlib.Path(folder).rglob("*.openapi.json")):
        documents += 1
        document = json.loads(path.read_text(encoding="utf-8"))
        for error in OpenAPIV31SpecValidator(document).iter_errors():
            findings.append(f"{path.relative_to(folder)}: {error.message}")
    print(json.dumps({"documents": documents, "findings": findings}))


main(sys.argv[1])
