"""How pages and files leave: security headers, validators, compression, no path out of a folder."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from werkzeug.security import safe_join
from werkzeug.wrappers import Request, Response

ASSETS = Path(__file__).parent / "assets"

# Nothing leaves the origin. Inline styles are what component libraries position things with.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HASHED = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.\w+$")
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"

COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")
SMALLEST_COMPRESSED = 1024  # bytes; below it the headers outweigh what is saved

REMEMBERED_FILES = 500
"""Files kept in memory, plain and compressed; both faces together have about 100."""


@dataclass(frozen=True)
class File:
    """A file as it is sent."""

    content: bytes
    compressed: bytes | None
    etag: str
    mime_type: str


def page(html: str) -> Response:
    """Return a page that was made for this request."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return Response(html, content_type="text/html; charset=utf-8", headers=headers)


def find(folder: Path, name: str) -> File | None:
    """Return a file below a folder, or None when there is no such file or it lies elsewhere."""
    path = safe_join(str(folder), name)
    if path is None or not Path(path).is_file():
        return None
    return _load(path, Path(path).stat().st_mtime_ns)


def send(file: File, request: Request, *, is_hashed: bool = False) -> Response:
    """Return a file, compressed if the client takes it, or 304 if it has it already."""
    response = Response(file.content, mimetype=file.mime_type)
    tag = file.etag
    if file.compressed is not None:
        response.headers["Vary"] = "Accept-Encoding"
        if request.accept_encodings.quality("gzip") > 0:
            response.set_data(file.compressed)
            response.headers["Content-Encoding"] = "gzip"
            tag += "-gzip"
    response.set_etag(tag)
    response.headers["Cache-Control"] = IMMUTABLE if is_hashed else REVALIDATE
    response.headers["Content-Security-Policy"] = POLICY
    return response.make_conditional(request)


def is_hashed(name: str) -> bool:
    """Tell whether a file's name changes with its content, as bundlers name what they build."""
    return name.startswith("assets/") and HASHED.search(name) is not None


@lru_cache(maxsize=REMEMBERED_FILES)
def _load(path: str, modified_ns: int) -> File:
    content = Path(path).read_bytes()
    mime_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    worthwhile = len(content) >= SMALLEST_COMPRESSED and mime_type.startswith(COMPRESSIBLE)
    return File(
        content=content,
        compressed=gzip.compress(content, 6, mtime=0) if worthwhile else None,
        etag=hashlib.sha256(content).hexdigest()[:20],
        mime_type=mime_type,
    )
