"""`python -m deploy.local.clean`: deletes the state folder of the local run, after asking."""

import shutil
import sys

from deploy.local.errors import LocalRunError
from deploy.local.state import StateFolder


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """Ask, and delete what no run is using."""
    state = StateFolder.from_environment()
    if not state.secrets.path.exists():
        # Not made by a run: a folder that YINGQI_STATE names by mistake is never deleted.
        say(f"{state.path} 中没有影期的数据 · holds no data of Yingqi")
        return 0
    try:
        with state:
            answer = input(f"删除全部预约与客户数据 · Delete all data in {state.path}? [y/N] ")
            if answer.strip().lower() not in {"y", "yes"}:
                say("已保留 · kept")
                return 0
            shutil.rmtree(state.path)
    except LocalRunError as error:
        say(str(error))
        return 2
    say("已删除 · deleted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
