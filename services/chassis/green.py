"""Make the process cooperative; the first import of every process that runs services.

Importing this module patches the standard library and psycopg2 for eventlet. It must come before
anything that imports sockets, threads or the database driver: a driver imported earlier would
block every worker of the process for the length of each query.
"""

import warnings

# nameko stands on eventlet; telling every user of that at every start helps none of them.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet

# Without arguments: naming any part, psycopg too, would leave all the others unpatched.
eventlet.monkey_patch()

import importlib.metadata

import werkzeug

if not hasattr(werkzeug, "__version__"):
    # nameko's websocket module reads an attribute that werkzeug 3.1 removed.
    werkzeug.__version__ = importlib.metadata.version("werkzeug")  # type: ignore[attr-defined]
