"""`python -m deploy.local`: what `make run` runs."""

import os
import signal
import sys
import warnings

# Before any import that an older one would refuse with a traceback.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.stderr.write("影期需要 Python 3.11 或更高版本。\nYingqi needs Python 3.11 or newer.\n")
    sys.exit(2)

# Ctrl-C ends the imports without a traceback; afterwards the launcher listens to it.
signal.signal(signal.SIGINT, signal.SIG_DFL)
# Its import tells every reader of the terminal that it is only maintained; we know, and pin it.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

from deploy.local.launcher import main  # noqa: E402  (after the check and the filter)

code = main()
sys.stdout.flush()
# Everything has been stopped in order; taking the interpreter apart would take half a second more.
os._exit(code)
