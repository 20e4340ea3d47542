# ruff: noqa: ISC004 - two long texts a language, with a comma between them
"""Word stock for the search benchmark: two sets per language, one to tune with, one to judge by.

A set is made of syllables that occur in the language and a few real words; the sets share neither
their syllables' order nor their words, and the seed is another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from bench import search_roots

ROOTS = 2  # the third stock
LANGUAGES = ("en", "de", "nb", "hu", "he", "ar", "zh", "ja")

_REAL: dict[str, tuple[str, str]] = {
    "en": (
        "account password invoice delivery refund shipping order address payment settings browser "
        "printer battery warranty discount voucher calendar password subscription notification",
        "package courier receipt customer charger keyboard monitor exchange complaint membership "
        "location schedule security backup screen catalogue signature reminder language profile",
    ),
    "de": (
        "Rechnung Adresse Konto Lieferung Zahlung Passwort Gerät Änderung Überweisung Schlüssel "
        "Größe Straße Kündigung Bestätigung Rücksendung Gutschein Anschluss Prüfung Vertrag",
        "Kunde Händler Gebühr Währung Börse Tür Empfänger Verspätung Störung Öffnung Zubehör "
        "Nummer Bestellung Ausweis Küche Übersicht Mängel Nachricht Abholung Quittung",
    ),
    "nb": (
        "ordre adresse betaling levering nøkkel måned språk brukernavn område størrelse kjøp "
        "søknad gjøremål fødselsår ærend løsning påminnelse bestilling varsel faktura",
        "pakke kvittering kunde gebyr overføring åpningstid lån høyttaler tjeneste skjerm bær "
        "forsinkelse rådgiver tillegg øving endring innlogging mottaker gård avtale",
    ),
    "hu": (
        "számla jelszó szállítás fizetés rendelés beállítás értesítés cím ügyfél visszatérítés "
        "készülék garancia hűség időpont törlés módosítás küldemény árfolyam űrlap kérdés",
        "csomag nyugta vevő késés díjszabás előfizetés nyelv hozzáférés biztonság képernyő "
        "töltő panasz csere átutalás őrzés üzenet kedvezmény tanúsítvány fiók szerződés",
    ),
    "he": (
        "חשבון סיסמה משלוח כתובת תשלום הזמנה קבלה החזר לקוח שירות אחריות מבצע חנות מסך סוללה הודעה",
        "חבילה שליח מטבע עמלה מנוי שפה אבטחה מדפסת מקלדת תזכורת תלונה החלפה קטלוג חתימה פרופיל",
    ),
    "ar": (
        "حساب فاتورة دفع توصيل عنوان طلب شحن ضمان متجر شاشة بطارية رسالة خدمة عميل إعدادات أجهزة",
        "طرد إيصال عملة رسوم اشتراك لغة أمان طابعة تذكير شكوى استبدال توقيع ملف نسخة إلغاء آلة",
    ),
    "zh": ("", ""),
    "ja": ("", ""),
}
_SYLLABLES: dict[str, tuple[str, str]] = {
    "en": (
        "ba con der fin gra hol int jor kel lam min nor per qua res sta tor unt ver wil ment tion",
        "ack ble cru dos ent fur gil har ish jun kno lit mor nes ope pla rin shu tem ude vis wor",
    ),
    "de": (
        "ab bär dan eich fäh gen hol inn kün lich mög nau ord pfe rük sch tät ung vor wäh zei",
        "auf brö dich erz flü gab heim irr kla lös mit nah öff prü ran sped trä umm ver wür zol",
    ),
    "nb": (
        "bær dag elv fjø går hus inn kjø lån møt når opp påf reg skå tid und vei øst åre",
        "arb bru drå eng fæl gjø hav kår løp mål nøk ose pri røy stø tøy ull vær ytt ånd",
    ),
    "hu": (
        "ár bú csa dél elő fog gyű ház írá kér lát még nyú ó per rög szá tű ú vég zön",
        "alk bér csö díj ész fű gal hív ipa jó kül lé mű nem őr pár rés sö tár út vál",
    ),
    "he": (
        "אב גד זר חט כל מנ סע פצ קר שת נו רי לב דק תם".replace("ם", "מ"),
        "בר גל דח זמ חל טפ יש לק מר נס עצ פת צל רק שב תו",
    ),
    "ar": (
        "اب تر ثم جل حد خب در رس زم سع شق صن ضي طل",
        "عم غر فت قص كت لح مد نق هو وس يق بن جز طب",
    ),
    "zh": (
        "更改送货地址打开设置订单退款账户密码发票支付客服优惠会员登录邮件手机电池屏幕网络安全语言时间取消确认",
        "包裹快递收据客户货币费用订阅备份打印键盘提醒投诉交换签名目录档案保修商店服务信息文件图片音乐视频报告日历",
    ),
    "ja": (
        "注文変更住所配送返金請求支払設定会員登録電池画面言語時間確認取消通知保証店舗質問回答番号",
        "荷物受取領収通貨料金購読予約印刷鍵盤提醒苦情交換署名目録図書修理案内情報写真音楽報告暦法",
    ),
}
_PARTICLES = "のをにはがでと"
_KATAKANA = "アカサタナハマラガザダバパキシチニヒミリクスツヌフムルケセテネヘメレコソトノホモロ"


@dataclass(frozen=True)
class Stock:
    """The words of one language; `parts` are those that compounds are made of."""

    words: tuple[str, ...]
    parts: tuple[str, ...]


def stock(language: str, which: int, random: Random, size: int = 1500) -> Stock:
    """About `size` different words; the third stock is built by other rules."""
    if which == ROOTS:
        words = search_roots.words(language, random, size)
        return Stock(tuple(words), tuple([one for one in words if 4 <= len(one) <= 8][:150]))
    if language in {"zh", "ja"}:
        return _characters(language, which, random, size)
    real = _REAL[language][which].split()
    syllables = _SYLLABLES[language][which].split()
    least, most = (2, 3) if language in {"he", "ar"} else (2, 4)
    found = dict.fromkeys(real)
    parts = list(real)
    while len(found) < size:
        word = "".join(random.choices(syllables, k=random.randint(least, most)))
        if language == "de":
            word = word.capitalize()
        if len(word) >= 4:
            found[word] = None
        if len(parts) < 150 and 5 <= len(word) <= 8:
            parts.append(word)
    return Stock(tuple(found), tuple(parts))


def _characters(language: str, which: int, random: Random, size: int) -> Stock:
    characters = sorted(set(_SYLLABLES[language][which]))
    found: dict[str, None] = {}
    while len(found) < size:
        if language == "ja" and random.random() < 0.2:
            found["".join(random.choices(_KATAKANA, k=random.randint(3, 5)))] = None
        else:
            found["".join(random.sample(characters, 2))] = None
    return Stock(tuple(found), ())


def joined(language: str, words: list[str], random: Random) -> str:
    """The words as a sentence of the language."""
    if language == "zh":
        return "".join(words)
    if language == "ja":
        return "".join(
            word + (random.choice(_PARTICLES) if index < len(words) - 1 else "")
            for index, word in enumerate(words)
        )
    return " ".join(words)
