"""The state folder: one run at a time, secrets that last, and clear words when it cannot be."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.errors import FolderInUse, FolderNotWritable, SecretsUnreadable
from deploy.local.state import StateFolder

HOLD = """
import pathlib, sys, time
from deploy.local.state import StateFolder
StateFolder(pathlib.Path(sys.argv[1])).open()
print("held", flush=True)
time.sleep(60)
"""


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YINGQI_STATE", str(tmp_path / "elsewhere"))
    assert StateFolder.from_environment().path == tmp_path / "elsewhere"
    monkeypatch.delenv("YINGQI_STATE")
    monkeypatch.chdir(tmp_path)
    assert StateFolder.from_environment().path == tmp_path / ".yingqi"


def test_secrets_are_made_once_and_nobody_else_reads_them(tmp_path: Path) -> None:
    with StateFolder(tmp_path / "state") as state:
        key = state.secrets.get("session_key")
        assert state.secrets.get("other_key") != key
        assert mode_of(state.secrets.path) == 0o600
    with StateFolder(tmp_path / "state") as again:
        assert again.secrets.get("session_key") == key


def test_others_pass_through_the_folder_and_see_nothing(tmp_path: Path) -> None:
    with StateFolder(tmp_path / "state") as state:
        assert mode_of(state.path) == 0o711
        assert mode_of(state.folder("postgres")) == 0o711


def test_a_second_run_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with (
        StateFolder(tmp_path / "state"),
        pytest.raises(FolderInUse, match=f"process {os.getpid()}") as caught,
    ):
        StateFolder(tmp_path / "state").open()
    assert caught.value.code == "local.folder_in_use"
    assert f"进程号 {os.getpid()}" in caught.value.zh
    with StateFolder(tmp_path / "state"):
        pass  # released: the next run may have it


def test_a_run_that_was_killed_does_not_hold_the_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "state")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout and other.stdout.readline() == "held\n"
        with pytest.raises(FolderInUse, match=f"process {other.pid}"):
            StateFolder(tmp_path / "state").open()
        other.kill()
        other.wait()
        with StateFolder(tmp_path / "state"):
            pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderNotWritable, match=str(tmp_path / "file" / "state")):
        StateFolder(tmp_path / "file" / "state").open()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o500)
    with pytest.raises(FolderNotWritable) as caught:
        StateFolder(folder).open()
    assert caught.value.code == "local.folder_not_writable"
    assert str(folder) in caught.value.zh and str(folder) in caught.value.en


def test_damaged_secrets_are_never_replaced(tmp_path: Path) -> None:
    with StateFolder(tmp_path / "state") as state:
        state.secrets.path.write_text("{ half")
        with pytest.raises(SecretsUnreadable):
            state.secrets.get("session_key")
        assert state.secrets.path.read_text() == "{ half"
