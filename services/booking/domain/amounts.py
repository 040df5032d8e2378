"""Amounts as papers write them: in figures, and in the words that cannot be altered (大写)."""

SYMBOLS = {"CNY": "¥", "HKD": "HK$", "USD": "US$"}

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")

MOST_CENTS = 10**14 - 1
"""Twelve digits of yuan; beyond them the words are not agreed on."""


def figures(cents: int, currency: str) -> str:
    """Return an amount with its currency: ¥5,999.00; another currency by its code: EUR 12.00."""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    sign = "-" if cents < 0 else ""
    return f"{sign}{symbol}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def in_words(cents: int) -> str:
    """Return an amount of renminbi in capital words: 人民币伍仟玖佰玖拾玖元整.

    Units:   integer fen, from nothing to MOST_CENTS.
    Errors:  ValueError beyond them.
    """
    if not 0 <= cents <= MOST_CENTS:
        raise ValueError(f"no words for {cents} fen")
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    whole = f"{_whole(yuan)}元" if yuan else ""
    if not jiao and not fen:
        return f"人民币{whole or '零元'}整"
    tenths = f"{DIGITS[jiao]}角" if jiao else "零" if yuan else ""
    return f"人民币{whole}{tenths}{f'{DIGITS[fen]}分' if fen else '整'}"


def _whole(yuan: int) -> str:
    """Return a number above zero; zeros between its digits are said once."""
    words = ""
    gap = False
    for power in range(2, -1, -1):
        group = yuan // 10_000**power % 10_000
        if not group:
            gap = bool(words)
            continue
        # A group of less than a thousand follows the one before it with a zero.
        if words and (gap or group < 1_000):
            words += DIGITS[0]
        words += _group(group) + GROUPS[power]
        gap = False
    return words


def _group(number: int) -> str:
    words = ""
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit:
            words += DIGITS[digit] + PLACES[power]
        elif words and number % 10**power:
            words += "" if words.endswith(DIGITS[0]) else DIGITS[0]
    return words
