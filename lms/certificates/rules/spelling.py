"""Whole numbers in words, as certificates write them beside the figure: 20 (dua puluh), 20 (twenty)."""

_ID = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")
_EN = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
""".split()  # noqa: SIM905 - shorter to read
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_indonesian(number: int) -> str:
    """Return a number from 0 to 9999 in words: 115 is `seratus lima belas`. Raises ValueError beyond."""
    if not 0 <= number < 10_000:
        raise ValueError(f"no words for {number}")
    if number < 12:
        return _ID[number]
    if number < 20:
        return f"{_ID[number - 10]} belas"
    for size, word in ((1000, "ribu"), (100, "ratus"), (10, "puluh")):
        if number >= size:
            many, rest = divmod(number, size)
            head = f"se{word}" if many == 1 and size > 10 else f"{in_indonesian(many)} {word}"
            return f"{head} {in_indonesian(rest)}" if rest else head
    raise AssertionError(number)


def in_english(number: int) -> str:
    """Return a number from 0 to 9999 in words: 115 is `one hundred and fifteen`. Raises ValueError beyond."""
    if not 0 <= number < 10_000:
        raise ValueError(f"no words for {number}")
    if number < 20:
        return _EN[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return f"{_TENS[tens]}-{_EN[ones]}" if ones else _TENS[tens]
    size, word = (1000, "thousand") if number >= 1000 else (100, "hundred")
    many, rest = divmod(number, size)
    joint = " and " if 0 < rest < 100 else " "
    return f"{_EN[many]} {word}" + (f"{joint}{in_english(rest)}" if rest else "")
