"""Where ministack is not as AWS is, and our generated roots need it to be.

A patch is a file here, named in `PATCHES`. Its docstring says what AWS does, with a link, and what
ministack does. It has

    VERSION      the ministack that it was written for
    SERVICE      the module of ministack that it changes
    INSTEAD      by the name of a function: what is called instead of it, with it as first argument
    is_faithful  asks ministack, as it is now, whether it does what AWS does

A patch must be needed and must help: ministack is asked before and after. So none of them outlives
its reason. Where one no longer applies, nothing starts, and every one that does not is named.
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

# With these, every call needs a right, as on AWS.
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
    """Patches ministack, or ends the process and says why not."""
    # ministack's own switch: whether rights are asked for at all.
    app.AUTH = bool(set(names) & set(IAM))
    wrong = [f"patch {name} does not apply: {why}" for name in names for why in _lay_on(name)]
    if wrong:
        fix = "see what changed in ministack, then mend the patch, or delete it and its name"
        sys.exit("\n".join([*wrong, f"  fix: {fix} (local-aws/src/patches)"]))
    print("patched:", *names, flush=True)
    judge.tells = True


def _lay_on(name):
    """Lays one patch on. Gives what is wrong with it."""
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
            # A service may name its functions in a table, too.
            for table in [it for it in vars(patch.SERVICE).values() if isinstance(it, dict)]:
                table.update({name: patched for name, it in table.items() if it is original})
        if not _is_faithful(patch):
            wrong.append("it does not help, ministack still does not do what AWS does")
    except Exception as error:  # Whatever a check meets that it did not expect is worth a look.
        wrong.append(f"its check ended in {error!r}")
    return wrong


# Each check has an account of its own that no caller can name: what it leaves behind is in nobody's
# way.
_CHECKS = itertools.count(1)


def _is_faithful(patch):
    with request_scope(f"check {next(_CHECKS)}", "us-east-1"):
        # What it leaves in the context is in nobody's way, either.
        return contextvars.copy_context().run(patch.is_faithful)
