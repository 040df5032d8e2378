"""Booking's words on the wire: how the studio's public pages look."""

import re
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from services.contracts.booking import OWNER
from services.contracts.catalogue import Empty
from services.contracts.errors import Conflict, Invalid, NotFound
from services.contracts.fields import Contract, Flag, Instant, Line
from services.contracts.registry import Event, Rpc
from services.contracts.uploads import FileRefused, UploadNotReady, UploadUnknown

HERO_STYLES = ("light", "plain", "picture")
CORNERS = ("none", "small", "large")
TYPEFACES = ("sans", "serif")
LAYOUTS = ("cards", "list", "pictures")
SECTIONS = ("notice", "hero", "branches", "categories", "catalogue")

# Texts are shown as they are: whatever looks like markup or leads elsewhere is a mistake.
PLAIN = re.compile(r"(?!.*(?:://|www\.))[^<>\x00-\x1f\x7f]*", re.IGNORECASE)
COLOUR = re.compile(r"#[0-9a-f]{6}")
PHONE = re.compile(r"(?:\+?[0-9][0-9 ()-]{3,22}[0-9])?")
ICP_NUMBER = re.compile(r"(?:[\u4e00-\u9fff]ICP备[0-9]{5,12}号(?:-[0-9]{1,4})?)?")

# --- errors


class ThemeChanged(Conflict):
    """Shapes:  details = {"revision"}: the draft as somebody else left it, where it is known."""

    code = "booking.theme_changed"
    sentence = {
        "zh": "其他人已修改外观，请刷新后再试",
        "en": "Somebody else has changed the appearance, please load it again",
    }


class ThemeVersionUnknown(NotFound):
    code = "booking.theme_version_unknown"
    sentence = {"zh": "没有这个外观版本", "en": "There is no such version of the appearance"}


class ThemeUnreadable(Invalid):
    """Shapes:  each of details["errors"] has the code `theme.contrast`, with `ratio` and the least
    `required`.
    """

    code = "booking.theme_unreadable"
    sentence = {"zh": "颜色对比度不足，文字难以辨认", "en": "These colours cannot be read well"}


# --- what a theme says


class PlainLine(Line):
    """One line without markup and without addresses."""

    def __init__(self, longest: int, *, least: int = 0, **kwargs: Any) -> None:
        limits = [validate.Length(min=least, max=longest), _matches(PLAIN)]
        super().__init__(validate=limits, **kwargs)


class Colour(fields.String):
    """#rrggbb, in small letters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=_matches(COLOUR), **kwargs)

    def _deserialize(self, *args: Any, **kwargs: Any) -> str:
        return super()._deserialize(*args, **kwargs).lower()


def _matches(pattern: re.Pattern[str]) -> Any:
    def check(value: str) -> None:
        if not pattern.fullmatch(value):
            raise ValidationError("Not a valid value.")

    return check


class BrandName(Contract):
    zh = PlainLine(40, least=1, required=True)
    en = PlainLine(40, load_default="")


class Slogan(Contract):
    zh = PlainLine(80, load_default="")
    en = PlainLine(80, load_default="")


class Notice(Contract):
    zh = PlainLine(400, load_default="")
    en = PlainLine(400, load_default="")


class FooterAddress(Contract):
    zh = PlainLine(200, load_default="")
    en = PlainLine(200, load_default="")


class Hero(Contract):
    """What greets a visitor; `picture` is an upload, and is kept while another style is shown."""

    style = fields.String(required=True, validate=validate.OneOf(HERO_STYLES))
    picture = fields.UUID(load_default=None, allow_none=True)

    @validates_schema
    def _check_picture(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["style"] == "picture" and data["picture"] is None:
            raise ValidationError("Missing data for required field.", "picture")


class Colours(Contract):
    """What stands on the brand's colour is black or white; softer shades follow from these."""

    brand = Colour(required=True)
    background = Colour(required=True)
    surface = Colour(required=True)
    text = Colour(required=True)


class HomeSection(Contract):
    name = fields.String(required=True, validate=validate.OneOf(SECTIONS))
    shown = Flag(required=True)


class Footer(Contract):
    """`icp` is the number (备案号) under which the site is registered."""

    phone = Line(load_default="", validate=_matches(PHONE))
    address = fields.Nested(FooterAddress, required=True)
    icp = Line(load_default="", validate=_matches(ICP_NUMBER))


def _check_sections(sections: list[dict[str, Any]]) -> None:
    if sorted(each["name"] for each in sections) != sorted(SECTIONS):
        raise ValidationError("Each section stands once in the order.")
    if not all(each["shown"] for each in sections if each["name"] == "catalogue"):
        raise ValidationError("The catalogue is always shown.")


class ThemeContent(Contract):
    """Names of tokens and plain words only: no styles, no markup, no address of anything.

    Shapes:  `logo` is an upload; `sections` are those of the home page, each once, in their order.
    """

    name = fields.Nested(BrandName, required=True)
    slogan = fields.Nested(Slogan, required=True)
    logo = fields.UUID(load_default=None, allow_none=True)
    hero = fields.Nested(Hero, required=True)
    colours = fields.Nested(Colours, required=True)
    corners = fields.String(required=True, validate=validate.OneOf(CORNERS))
    typeface = fields.String(required=True, validate=validate.OneOf(TYPEFACES))
    catalogue = fields.String(required=True, validate=validate.OneOf(LAYOUTS))
    sections = fields.List(fields.Nested(HomeSection), required=True, validate=_check_sections)
    notice = fields.Nested(Notice, required=True)
    footer = fields.Nested(Footer, required=True)


class ThemeLook(ThemeContent):
    """A theme with the addresses of its pictures, at which anybody reads them."""

    logo_url = fields.String(required=True, allow_none=True)
    hero_url = fields.String(required=True, allow_none=True)


# --- questions and answers


class PublicTheme(ThemeLook):
    """`version` is 0 while nothing was published: what is shown then comes with the product."""

    version = fields.Integer(required=True)


class Theme(Contract):
    """Shapes:  `revision` counts the saved drafts, 0 before the first; `version` the publications;
    `published_revision` is the draft that visitors see, 0 for none.
    """

    revision = fields.Integer(required=True)
    saved_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)
    published_revision = fields.Integer(required=True)
    published_at = Instant(required=True, allow_none=True)
    draft = fields.Nested(ThemeLook, required=True)


class ThemeSeen(Contract):
    """The draft on which a change rests."""

    revision = fields.Integer(strict=True, required=True, validate=validate.Range(min=0))
    staff_id = fields.UUID(load_default=None, allow_none=True)


class SaveTheme(ThemeSeen):
    content = fields.Nested(ThemeContent, required=True)


class RestoreTheme(ThemeSeen):
    version = fields.Integer(strict=True, required=True, validate=validate.Range(1, 2**31 - 1))


class ListThemeVersions(Contract):
    cursor = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=1, max=200)
    )
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=50))


class ThemeVersion(Contract):
    """What was published once; `restored` is the version that it brought back."""

    version = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    restored = fields.Integer(required=True, allow_none=True)
    published_at = Instant(required=True)
    look = fields.Nested(ThemeLook, required=True)


class ThemeVersions(Contract):
    items = fields.List(fields.Nested(ThemeVersion), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


# --- RPCs

GET_PUBLIC_THEME = Rpc(OWNER, "get_public_theme", Empty(), PublicTheme())
GET_THEME = Rpc(OWNER, "get_theme", Empty(), Theme())
SAVE_THEME = Rpc(
    OWNER,
    "save_theme",
    SaveTheme(),
    Theme(),
    (ThemeChanged, ThemeUnreadable, UploadUnknown, UploadNotReady, FileRefused),
)
PUBLISH_THEME = Rpc(OWNER, "publish_theme", ThemeSeen(), Theme(), (ThemeChanged,))
RESTORE_THEME = Rpc(
    OWNER, "restore_theme", RestoreTheme(), Theme(), (ThemeChanged, ThemeVersionUnknown)
)
LIST_THEME_VERSIONS = Rpc(
    OWNER, "list_theme_versions", ListThemeVersions(), ThemeVersions(), (Invalid,)
)

# --- events


class ThemePublished(Contract):
    """`restored` is the earlier version that was brought back, if it was one."""

    publication_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    restored = fields.Integer(required=True, allow_none=True)


THEME_PUBLISHED = Event("theme.published", OWNER, ThemePublished(), "publication_id")
