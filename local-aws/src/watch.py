# Runs ministack, and ends it with whoever started it.
#
# The standard input is a pipe that its parent holds open and never writes to. It ends when the
# parent does, even by SIGKILL. Then the whole process group goes, with the functions that run.
import os
import signal
import sys
import threading


def watch():
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=watch, daemon=True).start()

from ministack.app import main

sys.exit(main())
