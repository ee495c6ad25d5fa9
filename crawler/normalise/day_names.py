"""Names of months and weekdays, and the small words of printed dates: they tell a date beside a name from the name."""

from __future__ import annotations

import re

from crawler.normalise.text import key_of

_MONTHS = """
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
januar jänner jaenner februar märz mai juni juli oktober dezember mär okt dez
janvier février mars avril juin juillet août septembre octobre novembre décembre janv févr juil déc
enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre ene abr ago dic
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro fev set out
gennaio febbraio aprile maggio giugno luglio settembre ottobre novembre dicembre gen mag giu lug ott
januari februari maart mei augustus mrt maj juni juli augusti marts april december
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
ledna února března dubna května června července srpna září října listopadu prosince
január február március április május június július augusztus szeptember október november december
ianuarie februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie
января февраля марта апреля мая июня июля августа сентября октября ноября декабря янв фев мар апр июн июл авг сен окт ноя дек
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
януари февруари март април май юни юли август септември октомври ноември декември
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
januari februari maret mei juni juli agustus oktober desember tháng
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند
जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
"""

_WEEKDAYS = """
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
lundi mardi mercredi jeudi vendredi samedi dimanche
lunes martes miércoles jueves viernes sábado domingo
segunda-feira terça-feira quarta-feira quinta-feira sexta-feira segunda terça quarta quinta sexta feira
lunedì martedì mercoledì giovedì venerdì sabato domenica
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag
maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai
poniedziałek wtorek środa czwartek piątek sobota niedziela
pondělí úterý středa čtvrtek pátek neděle
hétfő kedd szerda csütörtök péntek szombat vasárnap
luni marți miercuri joi vineri sâmbătă duminică
понедельник вторник среда четверг пятница суббота воскресенье
понеділок вівторок середа четвер п’ятниця субота неділя
понеделник вторник сряда четвъртък петък събота неделя
pazartesi salı çarşamba perşembe cuma cumartesi pazar
senin selasa rabu kamis jumat sabtu minggu thứ
δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή
الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार
星期一 星期二 星期三 星期四 星期五 星期六 星期日 周一 周二 周三 周四 周五 周六 周日 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日
월요일 화요일 수요일 목요일 금요일 토요일 일요일
"""

_SMALL = """
on at the of am pm a.m p.m um uhr den der vom à le h às as de del la las el il alle ore om kl klo o godz v ve a
в часов час о об pada pukul jam wib wita wit lúc ngày st nd rd th gmt utc est edt cst cdt mst mdt pst pdt et ct mt pt bst cet cest msk ist jst kst
posted published updated last veröffentlicht aktualisiert publié publicado pubblicato опубликовано обновлено
"""

_NUMBER = re.compile(r"\d+")

NAMES_OF_DAYS = frozenset(key_of(name) for name in (_MONTHS + _WEEKDAYS).split())
"""Months and weekdays, by their letters, in the languages in which dates stand beside names most often."""

WORDS_OF_DATES = NAMES_OF_DAYS | frozenset(key_of(word) for word in _SMALL.split())
"""What dates and times consist of beside digits, by its letters."""


def without_date(text: str) -> str:
    """A text without the date that it begins with: "Monday, 24 August 2026, 10:05 am | Nora Ellison" is "Nora Ellison".

    A single number is no date. A date ends with its last word that has a digit, and the marks and zones of time behind that.
    """
    words = text.split()
    end = numbers = 0
    named = False
    for index, word in enumerate(words):
        digits = sum(1 for _ in _NUMBER.finditer(word))
        key = key_of(word)
        if not digits and key and key not in WORDS_OF_DATES:
            break
        numbers += digits
        named = named or key in NAMES_OF_DAYS
        if digits or (end and key not in NAMES_OF_DAYS and end == index):
            end = index + 1
    return " ".join(words[end:]).lstrip(" ,;:|·•–—-/") if numbers > 1 or named else text
