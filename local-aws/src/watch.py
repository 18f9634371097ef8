# Runs ministack, and ends it together with its parent. The first argument chooses the patches. The second one is the file for
# recorded requests (see record.py), or empty. Two more arguments make it save its state: see keep.py.
#
# Stdin is a pipe that the parent holds open. It closes when the parent ends, even by SIGKILL. Then this kills the whole process
# group, with the running functions. Before, the parent may write commands:
#
#   k   start saving the state
#   e   save, then end
import contextlib
import os
import select
import signal
import sys
import threading
import traceback

# Remove the arguments, because ministack reads `sys.argv`, too.
_, faithfulness, recording, *kept = sys.argv
del sys.argv[1:]

# How often to check whether there is something to save, in seconds.
LOOK = 1.0


keeper = None
# The failures so far, to log each once.
failures = set()


def watch():
    try:
        while is_wanted():
            pass
    finally:
        os.killpg(0, signal.SIGKILL)


def is_wanted():
    if not select.select([0], [], [], LOOK)[0]:
        if keeper:
            attempt(keeper.look)
        return True
    asked = os.read(0, 1)
    if asked == b"k":
        attempt(keeper.keep)
    elif asked == b"e":
        attempt(keeper.end)
    return asked == b"k"


def attempt(work):
    """Runs the work. If it fails, the emulator continues, and still ends with its parent."""
    try:
        work()
    except Exception as error:
        # Logging may fail, too, if the disk is full.
        with contextlib.suppress(OSError):
            if repr(error) not in failures:
                failures.add(repr(error))
                traceback.print_exc()


threading.Thread(target=watch, daemon=True).start()

if faithfulness != "as-it-is":
    import patches

    patches.lay_on(patches.PATCHES if faithfulness == "patched" else (*patches.PATCHES, *patches.IAM))

if kept:
    import keep

    keeper = keep.Keeper(*kept)

if recording:
    import record

    record.Recorder(recording)

from ministack.app import main

sys.exit(main())
