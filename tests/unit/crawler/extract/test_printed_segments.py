"""Times of publication and of change in one printed text."""

from __future__ import annotations

import pytest

from crawler.extract.printed_segments import segments
from crawler.normalise.dates import claim

PUBLISHED, CHANGED = "2023-05-03", "2023-05-17"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Published 3 May 2023 | Updated 17 May 2023", "en"),
        ("First published: May 3, 2023. Last modified: May 17, 2023", "en"),
        ("May 3, 2023 (Updated May 17, 2023)", "en"),
        ("Updated on 17 May 2023, originally published 3 May 2023", "en"),
        ("03.05.2023 08:15 Uhr · zuletzt aktualisiert 17.05.2023 09:30 Uhr", "de"),
        ("Publié le 3 mai 2023 à 08h15, mis à jour le 17 mai 2023 à 09h30", "fr"),
        ("Publicado el 3 de mayo de 2023 y actualizado el 17 de mayo de 2023", "es"),
        ("Publicado em 03/05/2023 08h15 Atualizado em 17/05/2023 09h30", "pt"),
        ("Pubblicato il 3 maggio 2023 - Aggiornato il 17 maggio 2023", "it"),
        ("Gepubliceerd: 3 mei 2023, laatst bijgewerkt: 17 mei 2023", "nl"),
        ("Publicerad 3 maj 2023 Uppdaterad 17 maj 2023", "sv"),
        ("Opublikowano 3 maja 2023, zaktualizowano 17 maja 2023", "pl"),
        ("Опубликовано 3 мая 2023, обновлено 17 мая 2023", "ru"),
        ("Опубліковано: 03.05.2023, 08:15 Оновлено: 17.05.2023, 09:30", "uk"),
        ("Δημοσιεύτηκε: 3 Μαΐου 2023 Ενημερώθηκε: 17 Μαΐου 2023", "el"),
        ("Giriş: 03.05.2023 08:15 Son Güncelleme: 17.05.2023 09:30", "tr"),
        ("نشر في 3 مايو 2023 | آخر تحديث 17 مايو 2023", "ar"),
        ("انتشار: ۱۳ اردیبهشت ۱۴۰۲ به‌روزرسانی: ۲۷ اردیبهشت ۱۴۰۲", "fa"),
        ("פורסם: 03.05.2023 עודכן: 17.05.2023", "he"),
        ("प्रकाशित: 3 मई 2023, अंतिम अपडेट: 17 मई 2023", "hi"),
        ("เผยแพร่ 3 พ.ค. 2566 อัปเดต 17 พ.ค. 2566", "th"),
        ("Đăng ngày 03/05/2023 - Cập nhật 17/05/2023", "vi"),
        ("Diterbitkan 3 Mei 2023, diperbarui 17 Mei 2023", "id"),
        ("입력 2023.05.03. 08:15 수정 2023.05.17. 09:30", "ko"),
        ("2023年5月3日 08:15 更新：2023年5月17日 09:30", "zh"),
        ("2023年5月3日公開 2023年5月17日更新", "ja"),
        ("2023/5/3 08:15 (2023/5/17 09:30 更新)", "ja"),
        ("２０２３年５月３日　公開｜２０２３年５月１７日　更新", "ja"),
    ],
)
def test_both_times_are_read(text: str, language: str) -> None:
    read = {
        segment.modified: claimed.isoformat()
        for segment in segments(text)
        if (claimed := claim(segment.text, "visible", 0.5, None, (language,)))
    }
    assert {bool(changed): day for changed, day in read.items()} == {False: PUBLISHED, True: CHANGED}


@pytest.mark.parametrize(
    ("text", "modified"),
    [
        ("3 May 2023", None),
        ("Published 3 May 2023", False),
        ("3 May 2023 (updated)", True),
        ("Agency | Updated: May 3, 2023, 13:10", True),
        ("3 May 2023, updated 19:20", None),
        ("3 May 2023 • Updated 2 hours ago", None),
        ("3 May 2023 | Geneva | 5 min read", None),
    ],
)
def test_a_text_with_one_date_stays_one(text: str, modified: bool | None) -> None:
    (segment,) = segments(text)
    assert segment.modified is modified
    claimed = claim(segment.text, "visible", 0.5, None, ("en",))
    assert claimed is None or claimed.isoformat() == PUBLISHED


@pytest.mark.parametrize("text", ["", "no digits here"])
def test_a_text_without_digits_has_no_segments(text: str) -> None:
    assert segments(text) == []
