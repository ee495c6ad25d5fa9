"""The words beside a date: what it is the date of, in which zone its clock runs, which day of the week it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

PUBLISHED_WORDS = re.compile(
    r"(?:\b(?:first|originally|erstmals|zuerst|date|дата|ngày|tanggal)\s+)?(?:\bpublished|\bpublication\b|\bposted|\breleased|\bissued|\bcreated\b|\bpubli(?:é|ée|cad[oa]|cación)\b|\bmis(?:e)? en ligne|\bpubblicat[oa]|\bveröffentlicht|\berschienen|\berstellt|\bgepubliceerd|\bgeplaatst|\bpublicerad|\bpublisert|\budgivet|"
    r"\bjulkaistu|\bopublikowano|\bzveřejněno|\bpublikováno|\bobjavljeno|\bопубликован[оа]?|\bразмещено|\bопубліковано|\bобјављено|\bпубликувано|\bditerbitkan|\bđăng(?: lúc| ngày)?\b|\byayın(?:lanma|landı)|\bgiriş(?: tarihi)?\b|δημοσιεύ\w+|"
    r"نُ?شر(?:ت)?\b|تاريخ النشر|تاریخ انتشار|انتشار|פורסם|प्रकाशित|প্রকাশ(?:িত)?|พิมพ์เผยแพร่|เผยแพร่|发布|發布|發佈|刊登|刊出|公開|掲載|配信|입력|등록|게재|게시|작성|ታተመ)",
    re.IGNORECASE,
)
"""What is printed beside the time of publication."""

MODIFIED_WORDS = re.compile(
    r"(?:\b(?:last|zuletzt|letzte|última|ultima|dernière|ultimo|laatst|laatste|senast|sist|sidst|son|последнее|останнє|terakhir|lần cuối|ostatnia)\s+|最終|最后|最後|최종\s*|آخر\s+|آخرین\s+|अंतिम\s+|শেষ\s+|עודכן לאחרונה\s*)?"
    r"(?:updat|modif|\brevis(?:ed|ion)|\bedited\b|\bamended\b|aktuali[sz]|actuali[sz]|\bstand:|geändert|mis(?:e)? à jour|\bm[aà]j\s*(?::|le\b|du\b)|atualizad|aggiorn|bijgewerkt|gewijzigd|opdater|uppdater|oppdater|päivitetty|muokattu|zaktual|ažuriran|ενημερώ|cập nhật|diperbarui|dikemaskini|güncel|"
    r"обновл|измен|оновл|ажурирано|تحديث|تعديل|به‌?روزرسانی|ویرایش|עודכן|עדכון|अपडेट|अद्यतन|संशोधित|আপডেট|হালনাগাদ|อัปเดต|อัพเดต|แก้ไข|更新|修改|修订|修訂|改訂|수정|업데이트|ተሻሻለ)",
    re.IGNORECASE,
)
"""What is printed beside the time of the last change."""

_ZONE_WORDS = (
    (r"(?:中国标准时间|中國標準時間|北京时间|北京時間|beijing time)", "Asia/Shanghai"),
    (r"(?:日本標準時|日本時間|日本时间|東京時間)", "Asia/Tokyo"),
    (r"(?:한국\s?시(?:간|각))", "Asia/Seoul"),
    (r"(?:台[北灣湾]時間|臺[北灣]時間)", "Asia/Taipei"),
    (r"香港時間", "Asia/Hong_Kong"),
    (r"(?:по\s+московскому\s+времени|(?:время\s+)?московское(?:\s+время)?|по\s+москве|\bмск\b|\bmoscow time)", "Europe/Moscow"),
    (r"(?:за\s+ки[єе]вом|за\s+київським\s+часом|по\s+киевскому\s+времени|\bkyiv time)", "Europe/Kyiv"),
    (r"(?:по\s+гринвичу|за\s+гринвічем|بتوقيت\s+غرينت?ش|بتوقيت\s+جرينتش|格林[尼威]治(?:标准)?时间|格林威治(?:標準)?時間)", "UTC"),
    (r"بتوقيت\s+(?:مكة(?:\s+المكرمة)?|الرياض|السعودية)", "Asia/Riyadh"),
    (r"بتوقيت\s+القاهرة", "Africa/Cairo"),
    (r"بتوقيت\s+(?:أبو\s?ظبي|دبي|الإمارات)", "Asia/Dubai"),
    (r"به\s+وقت\s+(?:تهران|ایران)", "Asia/Tehran"),
    (r"(?:به\s+وقت\s+کابل)", "Asia/Kabul"),
    (r"(?:שעון\s+ישראל|\bisrael time)", "Asia/Jerusalem"),
    (r"(?:भारतीय\s+समय(?:ानुसार)?|\bindian? standard time)", "Asia/Kolkata"),
    (r"(?:\bgiờ\s+(?:hà nội|việt nam))", "Asia/Ho_Chi_Minh"),
    (r"(?:\bwaktu\s+jakarta)", "Asia/Jakarta"),
    (r"(?:เวลา(?:ใน)?ประเทศไทย)", "Asia/Bangkok"),
    (r"(?:\btürkiye\s+saati(?:yle)?|\btsi̇|\btsi\b)", "Europe/Istanbul"),
    (r"\bheure\s+de\s+paris", "Europe/Paris"),
    (r"\bhora\s+(?:de\s+madrid|peninsular(?:\s+española)?)", "Europe/Madrid"),
    (r"\bhora\s+de\s+lisboa", "Europe/Lisbon"),
    (r"\bhor[aá](?:rio)?\s+de\s+brasília", "America/Sao_Paulo"),
    (r"\bora\s+(?:italiana|di\s+roma)", "Europe/Rome"),
    (r"(?:\bmitteleuropäische\s+(?:sommer)?zeit|\b(?:deutscher|berliner)\s+zeit|\bmes?z\b)", "Europe/Berlin"),
    (r"(?:\b(?:us\s+)?eastern\s+(?:standard\s+|daylight\s+)?time)", "America/New_York"),
    (r"(?:\b(?:us\s+)?pacific\s+(?:standard\s+|daylight\s+)?time)", "America/Los_Angeles"),
    (r"(?:\blondon\s+time|\bbritish\s+summer\s+time)", "Europe/London"),
)  # fmt: skip
_ANY_ZONE = re.compile(
    "|".join(f"(?P<z{i}>[(（]?\\s*{words}\\s*[)）]?)" for i, (words, _) in enumerate(_ZONE_WORDS)), re.IGNORECASE
)
_OF_SEVERAL = re.compile(r"(?<=[\d\smM.])\s*\(?\b(IST|CST)\b\)?")
_BY_REGION = {
    ("IST", "in"): "Asia/Kolkata", ("IST", "il"): "Asia/Jerusalem", ("IST", "ie"): "Europe/Dublin",
    ("CST", "us"): "America/Chicago", ("CST", "cn"): "Asia/Shanghai", ("CST", "tw"): "Asia/Taipei",
}  # fmt: skip
"""Abbreviations that mean several zones, and the region whose pages mean which."""
_HOME = {
    "hi": "in", "ta": "in", "te": "in", "mr": "in", "gu": "in", "kn": "in", "ml": "in", "pa": "in", "or": "in",
    "as": "in", "he": "il", "ga": "ie", "zh": "cn",
}  # fmt: skip
"""The region of a language that names none, where it is written in one of those regions only."""

_WEEKDAYS = (
    ("mon", "monday", "montag", "lundi", "lunes", "lunedì", "segunda-feira", "maandag", "понедельник", "понеділок", "pazartesi", "月曜", "星期一", "周一", "월요일"),
    ("tue", "tues", "tuesday", "dienstag", "mardi", "martes", "martedì", "terça-feira", "dinsdag", "вторник", "вівторок", "salı", "火曜", "星期二", "周二", "화요일"),
    ("wed", "wednesday", "mittwoch", "mercredi", "miércoles", "mercoledì", "quarta-feira", "woensdag", "среда", "середа", "çarşamba", "水曜", "星期三", "周三", "수요일"),
    ("thu", "thur", "thurs", "thursday", "donnerstag", "jeudi", "jueves", "giovedì", "quinta-feira", "donderdag", "четверг", "четвер", "perşembe", "木曜", "星期四", "周四", "목요일"),
    ("fri", "friday", "freitag", "vendredi", "viernes", "venerdì", "sexta-feira", "vrijdag", "пятница", "п'ятниця", "cuma", "金曜", "星期五", "周五", "금요일"),
    ("sat", "saturday", "samstag", "sonnabend", "samedi", "sábado", "sabato", "zaterdag", "суббота", "субота", "cumartesi", "土曜", "星期六", "周六", "토요일"),
    ("sun", "sunday", "sonntag", "dimanche", "domingo", "domenica", "zondag", "воскресенье", "неділя", "pazar", "日曜", "星期日", "星期天", "周日", "일요일"),
)  # fmt: skip
_NUMBER_OF = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_WEEKDAY = re.compile(
    "|".join(
        re.escape(name) if ord(name[0]) > 0x2000 else rf"\b{re.escape(name)}\b"
        for name in sorted(_NUMBER_OF, key=len, reverse=True)
    ),
    re.IGNORECASE,
)


def weekday_in(text: str) -> int | None:
    """The day of the week that a text names, Monday as 0. None where it names none, or several."""
    named = {_NUMBER_OF[name.lower()] for name in _WEEKDAY.findall(text)}
    return named.pop() if len(named) == 1 else None


def take_zone(text: str, languages: Sequence[str]) -> tuple[str, ZoneInfo | None]:
    """The text without the words that name a zone, and that zone. None where no words name one.

    `languages` are BCP 47 tags. IST and CST mean several zones: the page's region tells which, or they stay unknown.
    """
    if (match := _ANY_ZONE.search(text)) is not None:
        name = _ZONE_WORDS[int((match.lastgroup or "z0")[1:])][1]
        return _without(text, match), ZoneInfo(name)
    if (match := _OF_SEVERAL.search(text)) is not None:
        for tag in languages:
            code, *others = tag.lower().split("-")
            region = others[-1] if others and len(others[-1]) == 2 else _HOME.get(code, "")
            if known := _BY_REGION.get((match[1], region)):
                return _without(text, match), ZoneInfo(known)
    return text, None


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}".strip()
