"""A small help center in many languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from knowledge_base.search.engine import Filters, Hit, Page, SearchDocument, SearchEngine

PUBLIC = Filters(("public",))
EVERYONE = Filters(("public", "signed-in", "internal"))

ARTICLES = [
    SearchDocument(
        "en-reset",
        "en",
        "How to reset your password",
        "Open Settings, choose Security and then Reset password. We send you an e-mail with a "
        "link that is valid for one hour.",
        category="account",
        tags=("login", "security"),
        updated_at=datetime(2026, 3, 1, tzinfo=UTC),
    ),
    SearchDocument(
        "en-refund",
        "en",
        "Returns and refunds",
        "Send the parcel back within 30 days. The refund for order AB-12345 takes five days.",
        category="orders",
        tags=("refund",),
        keywords=("money back",),
    ),
    SearchDocument(
        "en-delivery",
        "en",
        "Delivery times",
        "Parcels leave our warehouse within a day. Version 2.3.1 of the app shows where they are.",
        category="orders",
        tags=("shipping",),
    ),
    SearchDocument(
        "en-notes",
        "en",
        "Internal notes on password resets",
        "Ask for the order number before a password is reset.",
        audience="internal",
        category="account",
    ),
    SearchDocument(
        "de-address",
        "de",
        "Rechnungsadresse ändern",
        "Müller und Söhne: So ändern Sie die Anschrift in Ihrer Straße.",
        category="account",
    ),
    SearchDocument("nb-order", "nb", "Følg bestillingen din", "Åpne appen på telefonen."),
    SearchDocument("hu-invoice", "hu", "A számlák letöltése", "Így töltheti le a számláját."),
    SearchDocument("pl-lodz", "pl", "Dostawa do Łodzi", "Paczka dociera w dwa dni."),
    SearchDocument("tr-light", "tr", "IŞIK ayarları", "Ilık ışık için İleri düğmesine basın."),
    SearchDocument("ru-hedgehog", "ru", "Ёлочные игрушки", "Мы пришлём их до праздника."),
    SearchDocument("he-address", "he", "שינוי הכתובת שלי", "כדי לשנות את הכתובת לוחצים על הגדרות."),
    SearchDocument("he-company", "he", 'דו"ח לצה"ל', "הדוח נשלח בדואר."),
    SearchDocument("ar-book", "ar", "إعادة الكتاب والفاتورة", "أرسل الطرد إلى المدرسة."),
    SearchDocument("fa-want", "fa", "می‌خواهم سفارش را لغو کنم", "روی دکمه کلیک کنید."),
    SearchDocument("zh-address", "zh", "如何更改送货地址", "打开设置，然后选择送货地址。"),
    SearchDocument("ja-order", "ja", "注文の変更とキャンセル", "サーバーの設定を開きます。"),
    SearchDocument("ko-order", "ko", "주문을 취소하는 방법", "설정을 여세요."),
    SearchDocument("th-pay", "th", "วิธีชำระเงิน", "เปิดการตั้งค่า"),
    SearchDocument("fr-address", "fr", "Changer l'adresse", "L’œuvre est livrée à l'adresse."),
]


async def fill(engine: SearchEngine) -> None:
    await engine.index(ARTICLES)


async def find(
    engine: SearchEngine, query: str, locale: str = "en", filters: Filters = PUBLIC
) -> list[str]:
    page = await engine.search(query, locale, filters)
    return ids(page)


def ids(found: Page | Sequence[Hit]) -> list[str]:
    return [hit.id for hit in (found.hits if isinstance(found, Page) else found)]


def changed(id_: str, **changes: object) -> SearchDocument:
    document = next(one for one in ARTICLES if one.id == id_)
    return replace(document, **changes)  # type: ignore[arg-type]
