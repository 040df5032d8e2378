"""How cookies are set: no script reads them, and none travels in the clear."""

from typing import Any


def cookie_rules(public_url: str, *, path: str = "/", samesite: str = "Strict") -> dict[str, Any]:
    """Return the attributes of a cookie, as a response takes them.

    Shapes:  `public_url` where the product is reached: with https the cookie stays on it.
    """
    return {
        "path": path,
        "httponly": True,
        "samesite": samesite,
        "secure": public_url.startswith("https:"),
    }
