"""The state folder of the local run: where it is, who holds it, and the secrets in it."""

import fcntl
import json
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.errors import FolderInUse, FolderNotWritable, SecretsUnreadable

DEFAULT_FOLDER = ".yingqi"
SECRET_BYTES = 32  # 256 bits: as long as the keys of the signatures that they make
# Others may pass through and see nothing: PostgreSQL, which does not run as root, must reach its
# data directory when we are root. What is private in the folder is 0600 or 0700 by itself.
FOLDER_MODE = 0o711


def make_folder(path: Path) -> None:
    """Make a folder that can be written; FolderNotWritable says why it cannot."""
    try:
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderNotWritable(path, error.strerror or str(error)) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise FolderNotWritable(path, os.strerror(13))


def write_private(path: Path, text: str) -> None:
    """Replace a file, readable by nobody else, so that it is never seen half written."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class FolderLock:
    """The right of one process to use a folder; the system takes it back when the process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; FolderInUse names the process that has it."""
        try:
            descriptor = os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise FolderNotWritable(self._folder, error.strerror or str(error)) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode().strip()
            os.close(descriptor)
            raise FolderInUse(self._folder, holder or "?") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back. The file stays: without it two processes could lock two files."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class Secrets:
    """Random secrets by name, made when first asked for and kept in one private file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, name: str) -> str:
        known = self._read()
        if name not in known:
            known[name] = secrets.token_urlsafe(SECRET_BYTES)
            self._write(known)
        return known[name]

    def knows(self, name: str) -> bool:
        return name in self._read()

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self.path.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise SecretsUnreadable(self.path, str(error)) from error
        if not isinstance(known, dict):
            raise SecretsUnreadable(self.path, "not a JSON object")
        return known

    def _write(self, known: dict[str, str]) -> None:
        try:
            write_private(self.path, json.dumps(known, indent=2) + "\n")
        except OSError as error:
            raise FolderNotWritable(self.path.parent, error.strerror or str(error)) from error


class StateFolder:
    """All that the local run keeps on disk, held by one run at a time.

    with StateFolder.from_environment() as state:
        key = state.secrets.get("session_key")
        data = state.folder("postgres")
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.secrets = Secrets(self.path / "secrets.json")
        self._lock = FolderLock(self.path)

    @classmethod
    def from_environment(cls) -> Self:
        """Use the folder that YINGQI_STATE names, else `.yingqi` in the working directory."""
        return cls(Path(os.environ.get("YINGQI_STATE") or DEFAULT_FOLDER))

    def open(self) -> Self:
        """Make the folder and take it.

        Errors:  FolderNotWritable; FolderInUse when another run has it.
        """
        make_folder(self.path)
        self._lock.acquire()
        return self

    def close(self) -> None:
        self._lock.release()

    def folder(self, name: str) -> Path:
        """Make a folder in it for one part of the run."""
        make_folder(self.path / name)
        return self.path / name

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
