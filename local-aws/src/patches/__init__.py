"""Patches of ministack, where it differs from AWS in a way that matters to the generated roots.

A patch is a file in this folder with an entry in `PATCHES` or `IAM`. Its docstring says what AWS does, with a link, and what
ministack does. It defines

    VERSION      the version of ministack for which it was written
    SERVICE      the module of ministack that it changes
    INSTEAD      replacements by the name of a function; each gets the original function as its first argument
    is_faithful  returns whether ministack does what AWS does at the moment

A patch must be needed and must help: `is_faithful` is called before and after it. So no patch outlives its reason. If a patch
does not apply, the emulator does not start, and the error names every such patch.
"""

import contextvars
import functools
import importlib
import importlib.metadata
import itertools
import sys

from ministack import app
from ministack.core.responses import request_scope

from patches import judge

PATCHES = [
    "alarm_put",
    "alarm_describe",
    "any_caller",
    "api_key",
    "firewall_config",
    "firewall_log",
    "health",
    "mock_integration",
    "sdk_members",
    "service_linked_role",
    "start_again",
    "tracing",
]

# With these, every call needs a permission, as on AWS.
IAM = [
    "iam_request",
    "iam_unjudged",
    "iam_told",
    "iam_denied",
    "iam_keys",
    "iam_language",
    "iam_needed",
    "iam_key_use",
    "iam_also",
    "iam_alarm",
    "iam_event_source",
    "iam_function_log",
    "iam_integration",
    "iam_lambda",
    "iam_machine",
    "iam_notification",
    "iam_pass_role",
    "iam_target",
]


def lay_on(names=(*PATCHES, *IAM)):
    """Applies the patches, or ends the process with the reasons."""
    # ministack's own switch of the permission checks.
    app.AUTH = bool(set(names) & set(IAM))
    wrong = [f"patch {name} does not apply: {why}" for name in names for why in _lay_on(name)]
    if wrong:
        fix = "see what changed in ministack, then fix the patch, or delete it and its name"
        sys.exit("\n".join([*wrong, f"  fix: {fix} (local-aws/src/patches)"]))
    print("patched:", *names, flush=True)
    judge.tells = True


def _lay_on(name):
    """Applies one patch. Returns what is wrong with it."""
    try:
        patch = importlib.import_module(f"patches.{name}")
    except ImportError as error:
        return [f"what it imports is gone ({error})"]
    wrong = []
    found = importlib.metadata.version("ministack")
    if found != patch.VERSION:
        wrong.append(f"it is for ministack {patch.VERSION}, and this is {found}")
    gone = [it for it in patch.INSTEAD if not hasattr(patch.SERVICE, it)]
    if gone:
        return [*wrong, f"{patch.SERVICE.__name__} has no {' and no '.join(gone)}"]
    try:
        if _is_faithful(patch):
            return [*wrong, "it is not needed, ministack does by itself what AWS does"]
        for function, instead in patch.INSTEAD.items():
            original = getattr(patch.SERVICE, function)
            patched = functools.partial(instead, original)
            setattr(patch.SERVICE, function, patched)
            # A service may also have its functions in a table.
            for table in [it for it in vars(patch.SERVICE).values() if isinstance(it, dict)]:
                table.update({name: patched for name, it in table.items() if it is original})
        if not _is_faithful(patch):
            wrong.append("it does not help, ministack still does not do what AWS does")
    except Exception as error:  # Whatever a check meets that it did not expect is worth a look.
        wrong.append(f"its check ended in {error!r}")
    return wrong


# Each check has its own account, with an id that no caller can use, so its resources do not disturb anybody.
_CHECKS = itertools.count(1)


def _is_faithful(patch):
    with request_scope(f"check {next(_CHECKS)}", "us-east-1"):
        # A copy of the context keeps its changes from others.
        return contextvars.copy_context().run(patch.is_faithful)
