"""Read dates relative to the time of the fetch: `3 hours ago`, `gestern`, `il y a 3 jours`."""

from __future__ import annotations

import datetime as dt
import re

MAX_CHARS = 45
"""Maximum characters of a line. A longer one is a sentence, in which `yesterday` may refer to any day."""

UNITS = {
    "second": 1, "sekunde": 1, "seconde": 1, "segundo": 1, "secondo": 1, "saniye": 1, "секунд": 1,
    "minute": 60, "min": 60, "minuto": 60, "minut": 60, "minuut": 60, "dakika": 60, "минут": 60, "دقيقة": 60,
    "دقائق": 60, "分": 60, "分钟": 60, "分鐘": 60, "분": 60,
    "hour": 3600, "hr": 3600, "stunde": 3600, "heure": 3600, "hora": 3600, "ora": 3600, "ore": 3600, "uur": 3600,
    "uren": 3600, "godzin": 3600, "saat": 3600, "час": 3600, "ساعة": 3600, "ساعات": 3600, "小时": 3600, "小時": 3600,
    "時間": 3600, "시간": 3600,
    "day": 86400, "tag": 86400, "tage": 86400, "tagen": 86400, "jour": 86400, "día": 86400, "dia": 86400,
    "giorno": 86400, "giorni": 86400, "dag": 86400, "dagen": 86400, "dzień": 86400, "dni": 86400, "gün": 86400,
    "день": 86400, "дня": 86400, "дней": 86400, "يوم": 86400, "أيام": 86400, "天": 86400, "日": 86400, "일": 86400,
    "week": 604800, "woche": 604800, "semaine": 604800, "semana": 604800, "settimana": 604800, "settimane": 604800,
    "weken": 604800, "tydzień": 604800, "tygodni": 604800, "hafta": 604800, "недел": 604800, "周": 604800, "주": 604800,
}  # fmt: skip
"""Units of relative dates in seconds. Endings of a word are removed one by one until it is in this table."""

AGO = re.compile(
    r"(?:(?:\bvor|\bil\sy\sa|\bhace|\bhá|\bfa|قبل|منذ)\s(?P<n>\d{1,3})\s?(?P<unit>[^\W\d_]+)"
    r"|\b(?P<n2>\d{1,3})\s?(?P<unit2>[^\W\d_]+?)\s?(?:\bago\b|\bfa\b|\bgeleden\b|\btemu\b|\bönce\b|назад|\batrás\b|前|전))",
    re.IGNORECASE,
)
DAYS_AGO = {
    "today": 0, "heute": 0, "aujourd’hui": 0, "aujourd'hui": 0, "hoy": 0, "oggi": 0, "hoje": 0, "vandaag": 0,
    "dzisiaj": 0, "dziś": 0, "bugün": 0, "сегодня": 0, "اليوم": 0, "今天": 0, "今日": 0, "오늘": 0,
    "yesterday": 1, "gestern": 1, "hier": 1, "ayer": 1, "ieri": 1, "ontem": 1, "gisteren": 1, "wczoraj": 1, "dün": 1,
    "вчера": 1, "أمس": 1, "昨天": 1, "昨日": 1, "어제": 1,
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]+(?:['’]hui)?")


def relative_day(line: str, fetched: dt.datetime) -> dt.date | None:
    """Return the day that `line` names if it was fetched at `fetched`, or None. `line` is the result of `plain`."""
    if len(line) > MAX_CHARS:
        return None
    match = AGO.search(line)
    if match:
        unit = (match["unit"] or match["unit2"]).casefold()
        seconds = next((UNITS[unit[:size]] for size in range(len(unit), 0, -1) if unit[:size] in UNITS), 0)
        if seconds:
            return (fetched - dt.timedelta(seconds=seconds * int(match["n"] or match["n2"]))).date()
    days = next((DAYS_AGO[word] for word in map(str.casefold, WORD.findall(line)) if word in DAYS_AGO), None)
    return None if days is None else (fetched - dt.timedelta(days=days)).date()
