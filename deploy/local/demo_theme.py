"""How the demo studio's public pages look: its own name and colours, and no pictures."""

from typing import Any

THEME: dict[str, Any] = {
    "name": {"zh": "影期摄影", "en": "Yingqi Studio"},
    "slogan": {"zh": "把好日子，留在光里。", "en": "Keep the good days in good light."},
    "logo": None,
    "hero": {"style": "light", "picture": None},
    "colours": {
        "brand": "#8a4b3a",
        "background": "#faf6f1",
        "surface": "#ffffff",
        "text": "#2b2320",
    },
    "corners": "large",
    "typeface": "serif",
    "catalogue": "cards",
    "sections": [
        {"name": name, "shown": True}
        for name in ("notice", "hero", "branches", "categories", "catalogue")
    ],
    "notice": {
        "zh": "演示影楼：可以放心预约，不会真的扣款。",
        "en": "This is a demo studio: book as you like, no money is taken.",
    },
    "footer": {
        "phone": "021-00000088",
        "address": {
            "zh": "上海市静安区影期路 88 号 3 楼",
            "en": "3F, 88 Yingqi Road, Jing'an District, Shanghai",
        },
        "icp": "",
    },
}
