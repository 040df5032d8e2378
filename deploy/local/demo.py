"""The demo studio: an invented one, with the branches, people, rooms and packages of a real one.

Shapes:  each list holds the arguments of one RPC: define_staff, define_branch, define_skill,
         define_resource, define_service, define_package. The ids follow from the names, so that
         making it twice makes it once.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("6f1f7f0c-2f0b-5b0e-9a55-79696e677169")

ZONE = "Asia/Shanghai"
EVERY_DAY = range(1, 8)
WORKING_WEEKS = {
    "wed-sun": (3, 4, 5, 6, 7),
    "thu-mon": (4, 5, 6, 7, 1),
    "fri-tue": (5, 6, 7, 1, 2),
    "sat-wed": (6, 7, 1, 2, 3),
    "tue-sat": (2, 3, 4, 5, 6),
}
SHIFTS = {"early": ("09:00", "18:00"), "late": ("10:00", "19:00")}
OPEN = ("09:00", "19:00")

CHIEF = {"zh": "首席", "en": "Chief"}
DIRECTOR = {"zh": "总监", "en": "Director"}
SENIOR = {"zh": "资深", "en": "Senior"}


def _id(*names: str) -> str:
    return str(uuid5(NAMESPACE, "/".join(names)))


def _words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _week(days: Iterable[int], opens: str, closes: str) -> list[dict[str, Any]]:
    return [{"weekday": day, "opens": opens, "closes": closes} for day in days]


# --- branches

JINGAN, XIHU = _id("branch", "jingan"), _id("branch", "xihu")

# No number of a real subscriber begins with 0.
BRANCHES: list[dict[str, Any]] = [
    {
        "id": JINGAN,
        "name": _words("影期摄影 · 上海静安店", "Yingqi Studio · Jing'an, Shanghai"),
        "address": _words(
            "上海市静安区影期路 88 号 3 楼", "3F, 88 Yingqi Road, Jing'an District, Shanghai"
        ),
        "phone": "021-00000088",
        "timezone": ZONE,
        "holiday_calendar": "CN",
        "hours": _week(EVERY_DAY, *OPEN),
    },
    {
        "id": XIHU,
        "name": _words("影期摄影 · 杭州西湖店", "Yingqi Studio · West Lake, Hangzhou"),
        "address": _words(
            "杭州市西湖区影期街 16 号 2 楼", "2F, 16 Yingqi Street, Xihu District, Hangzhou"
        ),
        "phone": "0571-00000016",
        "timezone": ZONE,
        "holiday_calendar": "CN",
        "hours": _week(EVERY_DAY, *OPEN),
    },
]

# --- accounts

OWNER: dict[str, Any] = {
    "id": _id("staff", "owner"),
    "login": "owner",
    "name": "沈店长",
    "role": "owner",
}
RECEPTIONIST: dict[str, Any] = {
    "id": _id("staff", "reception"),
    "login": "reception",
    "name": "静安前台 小林",
    "role": "receptionist",
    "branch_ids": [JINGAN],
}

ACCOUNTS = [OWNER, RECEPTIONIST]

# --- people, rooms and gowns

SKILLS: list[dict[str, Any]] = [
    {"id": "wedding", "name": _words("婚纱摄影", "Wedding photography")},
    {"id": "child", "name": _words("儿童引导", "Working with children")},
]
# 1 learns it, 5 teaches it.
LEVELS: dict[str, dict[str, int]] = {
    "Shen Yu": {"wedding": 5},
    "Lin Zhiyao": {"wedding": 4, "child": 3},
    "Zhou Yu'an": {"wedding": 3, "child": 5},
    "Xu Mo": {"wedding": 3},
    "Cheng Ye": {"wedding": 2, "child": 2},
    "Lu Chuan": {"wedding": 4, "child": 3},
    "Jiang Bai": {"wedding": 3, "child": 4},
}


def _person(
    branch: str, kind: str, zh: str, en: str, level: dict[str, str] | None, week: str, shift: str
) -> dict[str, Any]:
    return {
        "id": _id("resource", branch, kind, en),
        "branch_id": branch,
        "resource_type": kind,
        "name": _words(zh, en),
        "level": level,
        "bookable_by_name": True,
        "skills": LEVELS.get(en, {}),
        "roster": _week(WORKING_WEEKS[week], *SHIFTS[shift]),
    }


def _room(branch: str, zh: str, en: str) -> dict[str, Any]:
    return {
        "id": _id("resource", branch, "studio_room", en),
        "branch_id": branch,
        "resource_type": "studio_room",
        "name": _words(zh, en),
        "level": None,
        "bookable_by_name": False,
        "roster": _week(EVERY_DAY, *OPEN),
    }


def _gowns(branch: str, size: str) -> dict[str, Any]:
    """Two equal ones, which can be used whenever nobody else wears them."""
    return {
        "id": _id("resource", branch, "garment", f"First Snow {size}"),
        "branch_id": branch,
        "resource_type": "garment",
        "name": _words(f"初雪主纱 · {size} 码", f"First Snow gown · {size}"),
        "bookable_by_name": False,
        "capacity": 2,
        "attributes": {"size": size},
    }


RESOURCES: list[dict[str, Any]] = [
    _person(JINGAN, "photographer", "沈屿", "Shen Yu", CHIEF, "wed-sun", "early"),
    _person(JINGAN, "photographer", "林知遥", "Lin Zhiyao", DIRECTOR, "thu-mon", "late"),
    _person(JINGAN, "photographer", "周予安", "Zhou Yu'an", SENIOR, "fri-tue", "early"),
    _person(JINGAN, "photographer", "许墨", "Xu Mo", SENIOR, "sat-wed", "late"),
    _person(JINGAN, "photographer", "程野", "Cheng Ye", None, "tue-sat", "early"),
    _person(JINGAN, "makeup_artist", "苏晚", "Su Wan", CHIEF, "wed-sun", "early"),
    _person(JINGAN, "makeup_artist", "顾念", "Gu Nian", DIRECTOR, "fri-tue", "early"),
    _person(JINGAN, "makeup_artist", "叶青禾", "Ye Qinghe", SENIOR, "sat-wed", "early"),
    _person(JINGAN, "makeup_artist", "唐宁", "Tang Ning", None, "tue-sat", "late"),
    _room(JINGAN, "云白棚", "Cloud White Studio"),
    _room(JINGAN, "晨光棚", "Morning Light Studio"),
    _room(JINGAN, "童趣棚", "Playroom Studio"),
    _gowns(JINGAN, "S"),
    _gowns(JINGAN, "M"),
    _person(XIHU, "photographer", "陆川", "Lu Chuan", DIRECTOR, "wed-sun", "early"),
    _person(XIHU, "photographer", "姜白", "Jiang Bai", SENIOR, "sat-wed", "early"),
    _person(XIHU, "makeup_artist", "乔安", "Qiao An", DIRECTOR, "wed-sun", "early"),
    _person(XIHU, "makeup_artist", "秦溪", "Qin Xi", SENIOR, "sat-wed", "early"),
    _room(XIHU, "湖光棚", "Lakeside Studio"),
    _room(XIHU, "竹影棚", "Bamboo Studio"),
]

# --- packages

MAKEUP, SHOOT = _words("化妆", "Make-up"), _words("拍摄", "Shoot")
ROOM, GOWN = _words("影棚", "Studio"), _words("主纱", "Gown")
SECOND = _words("双机位跟拍", "Second photographer")
SET_CHANGE_MINUTES = 15  # after each party the room is tidied and the set rebuilt


def _roles(
    *, makeup: int, shoot: int, gown: bool = False, second: bool = False, **skills: int
) -> list[dict[str, Any]]:
    """Make-up first, then the shoot with photographer and room together; lengths in minutes.

    A gown is away all day. A second photographer may be asked for. `skills` are the least levels
    of the first.
    """
    shooting = {"offset_minutes": makeup, "length_minutes": shoot}
    roles: list[dict[str, Any]] = [
        {"resource_type": "photographer", "name": SHOOT, **shooting, "skills": skills},
        {
            "resource_type": "studio_room",
            "name": ROOM,
            **shooting,
            "buffer_after_minutes": SET_CHANGE_MINUTES,
        },
    ]
    if makeup:
        preparing = {"offset_minutes": 0, "length_minutes": makeup}
        roles.insert(0, {"resource_type": "makeup_artist", "name": MAKEUP, **preparing})
    if second:
        extra = {"key": "second_photographer", "name": SECOND, "optional": True}
        roles.append({"resource_type": "photographer", **extra, **shooting})
    if gown:
        wearing = {"length_minutes": makeup + shoot, "whole_days": True}
        roles.append({"resource_type": "garment", "name": GOWN, **wearing})
    return roles


def _package(
    key: str,
    *,
    name: dict[str, str],
    category: dict[str, str],
    summary: dict[str, str],
    content: list[dict[str, str]],
    price_cents: int,
    deposit_cents: int,
    roles: list[dict[str, Any]],
    branches: tuple[str, ...] = (JINGAN, XIHU),
    notice_hours: int = 24,
    day_parts: Sequence[dict[str, str]] = (),
) -> dict[str, Any]:
    """Deposits stay below the fifth of the price to which Chinese law limits an earnest (定金)."""
    return {
        "service_id": _id("service", key),
        "branch_ids": list(branches),
        "slot_step_minutes": 30,
        "minimum_notice_minutes": notice_hours * 60,
        "horizon_days": 92,
        "day_parts": list(day_parts),
        "roles": roles,
        "name": name,
        "category": category,
        "summary": summary,
        "content": content,
        "price_cents": price_cents,
        "deposit": {"kind": "fixed", "value": deposit_cents, "money": "earnest"},
        "currency": "CNY",
    }


HALF_DAYS = (
    {"part": "morning", "opens": "09:00", "closes": "12:00"},
    {"part": "afternoon", "opens": "12:00", "closes": "18:00"},
)
WEDDING = _words("婚纱摄影", "Wedding")
_PACKAGES = [
    _package(
        "wedding-first-sight",
        name=_words("初见 · 内景婚纱", "First Sight · Indoor Wedding"),
        category=WEDDING,
        summary=_words(
            "两套造型，一个上午或下午，把最好的样子留在光里。",
            "Two looks in one morning or afternoon, at your best in soft light.",
        ),
        content=[
            _words("婚纱 1 套、礼服 1 套", "One wedding dress and one evening gown"),
            _words("化妆造型 2 次", "Two make-up and hair looks"),
            _words("拍摄 80 张，精修 30 张，底片全送", "80 shots, 30 retouched, all originals"),
            _words("10 寸相册 1 本、24 寸挂画 1 幅", "One 10-inch album and one 24-inch print"),
        ],
        price_cents=399_900,
        deposit_cents=79_900,
        roles=_roles(makeup=90, shoot=150, second=True, wedding=2),
        day_parts=HALF_DAYS,
        notice_hours=48,
    ),
    _package(
        "wedding-all-day",
        name=_words("长相守 · 全日婚纱", "Ever After · Full-day Wedding"),
        category=WEDDING,
        summary=_words(
            "中式与西式四套造型，总监团队全天陪伴。",
            "Four looks, Chinese and Western, with a crew of your own all day.",
        ),
        content=[
            _words("婚纱 2 套、中式礼服 2 套", "Two wedding dresses and two Chinese gowns"),
            _words("化妆造型 4 次", "Four make-up and hair looks"),
            _words("拍摄 160 张，精修 60 张，底片全送", "160 shots, 60 retouched, all originals"),
            _words("12 寸相册 2 本、36 寸挂画 1 幅", "Two 12-inch albums and one 36-inch print"),
        ],
        price_cents=799_900,
        deposit_cents=150_000,
        roles=_roles(makeup=120, shoot=330, gown=True, wedding=3),
        branches=(JINGAN,),
        notice_hours=72,
    ),
    _package(
        "child-first-year",
        name=_words("小小的你 · 周岁写真", "Little You · First Birthday"),
        category=_words("儿童写真", "Children"),
        summary=_words(
            "跟着宝宝的节奏拍，困了就歇，笑了就按快门。",
            "At the baby's own pace: we rest when they rest, and shoot when they laugh.",
        ),
        content=[
            _words("主题场景 3 组、服装 3 套", "Three sets and three outfits"),
            _words("引导师全程陪伴", "A play guide throughout"),
            _words("精修 20 张，底片全送", "20 retouched, all originals"),
            _words("可加入爸爸妈妈合影", "Parents may join in"),
        ],
        price_cents=129_900,
        deposit_cents=20_000,
        roles=_roles(makeup=0, shoot=120, child=2),
    ),
    _package(
        "portrait-at-ease",
        name=_words("自在 · 个人写真", "At Ease · Portrait"),
        category=_words("个人写真", "Portrait"),
        summary=_words(
            "不用会摆姿势，聊着天就拍好了。", "No posing needed: we talk, and it is done."
        ),
        content=[
            _words("化妆造型 1 次、服装 2 套", "One make-up look and two outfits"),
            _words("精修 12 张，底片全送", "12 retouched, all originals"),
            _words("当天选片", "Choose your pictures the same day"),
        ],
        price_cents=89_900,
        deposit_cents=15_000,
        roles=_roles(makeup=60, shoot=120),
    ),
    _package(
        "business-headshot",
        name=_words("利落 · 商务形象照", "Sharp · Business Headshot"),
        category=_words("商务形象照", "Business"),
        summary=_words(
            "一小时完成，简历、名片和官网都用得上。",
            "Done in about an hour, for your CV, your card and your website.",
        ),
        content=[
            _words("职业妆 1 次、西装可借", "Light make-up, suits to borrow"),
            _words("精修 3 张，24 小时内交付", "3 retouched, delivered within 24 hours"),
        ],
        price_cents=39_900,
        deposit_cents=5_000,
        roles=_roles(makeup=30, shoot=45),
        notice_hours=4,
    ),
    _package(
        "family-together",
        name=_words("团圆 · 全家福", "Together · Family Portrait"),
        category=_words("全家福", "Family"),
        summary=_words(
            "三代同堂也站得下，最多十二位。", "Room for three generations, up to twelve people."
        ),
        content=[
            _words("妈妈与奶奶化妆各 1 次", "Make-up for mother and grandmother"),
            _words("合影 6 组、精修 16 张", "Six groupings, 16 retouched"),
            _words("20 寸挂画 1 幅", "One 20-inch print"),
        ],
        price_cents=159_900,
        deposit_cents=30_000,
        roles=_roles(makeup=60, shoot=120),
    ),
    _package(
        "maternity-awaiting",
        name=_words("初心 · 孕妇照", "Awaiting · Maternity"),
        category=_words("孕妇照", "Maternity"),
        summary=_words(
            "孕 28–34 周最合适，空调、靠枕和点心都备好了。",
            "Best in weeks 28 to 34; warmth, cushions and snacks are ready.",
        ),
        content=[
            _words("孕妇专用彩妆与礼服 2 套", "Safe make-up and two gowns"),
            _words("准爸爸可一同出镜", "The father may join in"),
            _words("精修 15 张，底片全送", "15 retouched, all originals"),
        ],
        price_cents=119_900,
        deposit_cents=20_000,
        roles=_roles(makeup=60, shoot=90),
    ),
]
SERVICES = [{**package, "position": n} for n, package in enumerate(_PACKAGES, start=1)]

# --- packages: one price for appointments and what comes with them


def _item(kind: str, zh: str, en: str, quantity: int = 1, service: str | None = None) -> Any:
    return {
        "kind": kind,
        "label": _words(zh, en),
        "quantity": quantity,
        "service_id": service and _id("service", service),
    }


PACKAGES: list[dict[str, Any]] = [
    {
        "package_id": _id("package", "growing-up"),
        "name": _words("慢慢长大 · 宝宝成长套系", "Growing Up · Three Shoots"),
        "category": _words("儿童写真", "Children"),
        "summary": _words(
            "百天、周岁、两岁各拍一次，一次付清，两年内随时来约。",
            "A hundred days, one year and two: paid once, booked when it suits within two years.",
        ),
        "items": [
            _item("session", "成长拍摄", "Shoot", 3, "child-first-year"),
            _item("retouch", "精修照片", "Retouched photographs", 60),
            _item("album", "10 寸成长相册", "10-inch album", 3),
            _item("gift", "手印泥礼盒", "Hand-print kit"),
        ],
        "price_cents": 329_900,
        "deposit": {"kind": "fixed", "value": 60_000, "money": "earnest"},
        "currency": "CNY",
        "valid_days": 730,
        "position": 1,
    },
    {
        "package_id": _id("package", "awaiting-and-arrived"),
        "name": _words("初见你 · 孕照加满月", "Awaiting and Arrived"),
        "category": _words("孕妇照", "Maternity"),
        "summary": _words(
            "孕期一次、满月一次，放进同一本相册。", "One shoot before and one after, in one album."
        ),
        "items": [
            _item("session", "孕妇照", "Maternity shoot", 1, "maternity-awaiting"),
            _item("session", "满月照", "First-month shoot", 1, "child-first-year"),
            _item("retouch", "精修照片", "Retouched photographs", 35),
            _item("album", "12 寸相册", "12-inch album"),
        ],
        "price_cents": 219_900,
        "deposit": {"kind": "fixed", "value": 40_000, "money": "earnest"},
        "currency": "CNY",
        "valid_days": 365,
        "position": 2,
    },
]

# --- members

MEMBER_LEVELS: list[dict[str, Any]] = [
    {
        "id": _id("level", "silver"),
        "name": _words("银卡", "Silver"),
        "discount_basis_points": 200,
        "points_per_hundred": 100,
    },
    {
        "id": _id("level", "gold"),
        "name": _words("金卡", "Gold"),
        "discount_basis_points": 500,
        "points_per_hundred": 200,
    },
]

COUPONS: list[dict[str, Any]] = [
    {
        "id": _id("coupon", "welcome"),
        "code": "WELCOME",
        "label": _words("新客立减", "Welcome"),
        "amount_cents": 10_000,
        "minimum_cents": 100_000,
        "valid_from": "2026-01-01T00:00:00+08:00",
        "valid_to": "2036-01-01T00:00:00+08:00",
    },
]
