"""What the environment asks of the local run, checked before anything starts."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import sqlalchemy as sa

from deploy.local.errors import LocalRunError
from deploy.local.processes import LOOPBACK

DEFAULT_PORT = 8000
PASSWORD_LENGTHS = range(8, 201)  # as identity's contract has it


class OptionMalformed(LocalRunError):
    code = "local.option_malformed"

    def __init__(self, name: str, zh: str, en: str) -> None:
        super().__init__(zh=f"环境变量 {name} 无效：{zh}。", en=f"{name} is not valid: {en}.")


@dataclass(frozen=True, kw_only=True)
class Options:
    """One field per variable of the environment.

    Shapes:  `host` is the address to listen on (YINGQI_HOST, for shells use HOST for themselves);
             `database_url` and `amqp_uri` are None where the run brings its own server.
    """

    port: int
    host: str
    public_url: str
    database_url: str | None
    amqp_uri: str | None
    owner_password: str | None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment.

        Errors:  OptionMalformed.
        """
        port = _port(environ.get("PORT") or str(DEFAULT_PORT))
        host = environ.get("YINGQI_HOST") or LOOPBACK
        return cls(
            port=port,
            host=host,
            public_url=(environ.get("PUBLIC_URL") or f"http://{LOOPBACK}:{port}").rstrip("/"),
            database_url=_database_url(environ.get("DATABASE_URL") or None),
            amqp_uri=_amqp_uri(environ.get("AMQP_URI") or None),
            owner_password=_password(environ.get("YINGQI_OWNER_PASSWORD") or None),
        )


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        # Quoted, because what stands there may hold anything.
        quoted = shlex.quote(text[:20])
        raise OptionMalformed(
            "PORT", f"{quoted} 不是 1–65535 之间的数字", f"{quoted} is no number from 1 to 65535"
        )
    return int(text)


def _database_url(text: str | None) -> str | None:
    """Accept PostgreSQL's own spelling of its scheme beside SQLAlchemy's."""
    if text is None:
        return None
    try:
        url = sa.make_url(text.replace("postgres://", "postgresql://", 1))
    except sa.exc.ArgumentError:
        url = None
    if url is None or not url.drivername.startswith("postgresql") or not url.host:
        # The text itself may hold a password, so it is not repeated.
        raise OptionMalformed(
            "DATABASE_URL",
            "应为 postgresql://用户:密码@主机:端口/数据库",
            "it reads postgresql://user:password@host:port/database",
        )
    return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def _amqp_uri(text: str | None) -> str | None:
    if text is not None and not re.match(r"(py)?amqps?://[^/]", text):
        raise OptionMalformed(
            "AMQP_URI",
            "应为 amqp://用户:密码@主机:端口/虚拟主机",
            "it reads amqp://user:password@host:port/vhost",
        )
    return text


def _password(text: str | None) -> str | None:
    if text is not None and len(text) not in PASSWORD_LENGTHS:
        raise OptionMalformed("YINGQI_OWNER_PASSWORD", "应为 8–200 个字符", "8 to 200 characters")
    return text
