"""Words for the search benchmark that are built otherwise than the other stocks.

Latin words: beginnings, vowels and ends of syllables by language. Hebrew and Arabic: roots of
three letters in patterns. Chinese and Japanese: characters and kana of their own. Never tuned on.
"""

from __future__ import annotations

from random import Random

# Beginnings, vowels and ends of syllables; "-" for none.
_LATIN = {
    "en": ("b br c ch cl d dr f fl g gr h j k l m n p pl r s sh sl st t th tr v w",
           "a e i o u ai ea oo", "- - - n r l st nd ck t m ng"),
    "de": ("b bl d dr f fl g gr h k kl l m n pf r s sch schl sp st t tr w z zw",
           "a e i o u ei au ie ä ö ü", "- - - n r l ft nd ck cht m ng tz"),
    "nb": ("b bl d dr f fj g gr h hj k kj l m n p r s sj sk sl st t tr v",
           "a e i o u y æ ø å ei øy", "- - - n r l st nd kk t m ng"),
    "hu": ("b c cs d f g gy h j k l ly m n ny p r s sz t ty v z zs",
           "a á e é i í o ó ö ő u ú ü ű", "- - - n r l k t s m z g"),
}  # fmt: skip
_SEMITIC = {
    "he": ("אבגדזחטיכלמנסעפצקרשת", ("{}{}{}", "{}{}י{}", "{}ו{}{}", "מ{}{}{}", "ת{}{}ו{}",
           "{}{}{}ה", "{}{}{}ות", "ה{}{}{}ה", "{}{}{}ון", "מ{}{}{}ת", "{}י{}ו{}")),
    "ar": ("بتثجحخدذرزسشصضطظعغفقكلمنهوي", ("{}{}{}", "{}ا{}{}", "{}{}ي{}", "م{}{}{}", "م{}{}و{}",
           "ت{}{}ي{}", "{}{}ا{}ة", "ا{}ت{}ا{}", "م{}ا{}{}ة", "{}{}و{}", "است{}{}ا{}")),
}  # fmt: skip
_CHARACTERS = {
    "zh": "价格数量库存物流退款申请积分等级密钥授权编辑删除"
    "恢复搜索排序筛选导出模板权限部门员工项目预算报销审批",
    "ja": "価格数量在庫発送返品申請点数等級鍵権限編集削除"
    "復元検索順序選択出力雛形部門社員企画予算精算承認",
}
_KANA = "イウエオギグゲゴジズゼゾデドビブベボピプペポヤユヨワン"


def words(language: str, random: Random, size: int) -> list[str]:
    """`size` different words of a language."""
    found: dict[str, None] = {}
    while len(found) < size:
        found[_word(language, random)] = None
    return list(found)


def _word(language: str, random: Random) -> str:
    if language in _LATIN:
        heads, vowels, ends = [part.split() for part in _LATIN[language]]
        word = ""
        for _ in range(random.choice((2, 2, 3, 3, 4))):
            word += random.choice(heads) + random.choice(vowels)
            word += random.choice(ends).replace("-", "")
        return word.capitalize() if language == "de" else word
    if language in _SEMITIC:
        letters, patterns = _SEMITIC[language]
        return random.choice(patterns).format(*random.sample(letters, 3))
    if language == "ja" and random.random() < 0.2:
        return "".join(random.choices(_KANA, k=random.randint(3, 5)))
    return "".join(random.sample(sorted(set(_CHARACTERS[language])), 2))
