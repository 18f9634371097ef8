# Runs ministack, and ends it with whoever started it. Its first argument says whether it is patched first. The second one
# is the file that requests are written to (see record.py), or empty. Where there are two more, it keeps its state from one
# run to the next: see keep.py.
#
# The standard input is a pipe that its parent holds open. It ends when the parent does, even by SIGKILL. Then the whole
# process group goes, with the functions that run. Before, the parent may write what it wants:
#
#   k   from here on, keep what is there
#   e   save, then end
import contextlib
import os
import select
import signal
import sys
import threading
import traceback

# Taken away: ministack reads its arguments, too.
_, faithfulness, recording, *kept = sys.argv
del sys.argv[1:]

# How often it is asked whether there is something to save, in seconds.
LOOK = 1.0


keeper = None
# What has failed so far: each stands in the log once.
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
    """Does it. Where that fails, the emulator works on, and still ends with its parent."""
    try:
        work()
    except Exception as error:
        # The log may be on the disk that is full.
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
