"""Words that say little about what is looked for; dropped from a query that has others.

They are indexed all the same, so that a title made of nothing else can be found.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from knowledge_base.search.fold import fold

_WORDS = {
    "en": "a an and are as at be but by can do does for from has have how i if in into is it its "
    "me my of on or our so that the their them there these they this to was we what when where "
    "which who why will with you your",
    "de": "aber als am an auch auf aus bei bin bis da das dass dem den der des die doch du ein "
    "eine einem einen einer eines er es für hat ich ihr im in ist ja kann man mein meine mich mir "
    "mit nach nicht noch oder sein sich sie sind so über um und uns von war was wenn wer wie wir "
    "wird wo zu zum zur",
    "nb": "alle at av blir da de deg den der det du eller en er et etter for fra ha han har hun "
    "hva hvem hvis hvor hvordan hvorfor i ikke jeg kan man med meg men min mitt mot når og om opp "
    "oss på seg sin skal som så til ut var ved vi vil være",
    "sv": "att av de den det din du där efter ej eller en ett från för har hur i inte jag kan man "
    "med men min mot nu när och om på sin ska som så till ut vad var vem vi vid vill är",
    "da": "af at da de den der det dig du eller en er et for fra ham har hun hvad hvem hvis hvor "
    "hvordan hvorfor i ikke jeg kan man med men mig min når og om på sig skal som så til ud var "
    "ved vi vil",
    "nl": "aan als bij dat de den der die dit een en er het hij hoe ik in is je kan maar me met "
    "mijn naar niet nog of om ook op te tot uit van voor waar wat we wel wie wij ze zijn zo",
    "fr": "à au aux avec c ce ces comment d dans de des du elle en est et eux il ils j je l la le "
    "les leur ma mais me mes moi mon n ne nous on ou où par pas pour qu que quel quelle qui s sa "
    "se ses son sur ta te tes toi ton tu un une vos votre vous y",
    "es": "a al como con cómo cuál cuando de del dónde el él ella en es esta este hay la las le lo "
    "los me mi mis muy no o para pero por puedo que qué se si sin sobre su sus te tu un una uno y "
    "ya yo",
    "pt": "a ao aos as com como da das de do dos e em é eu foi mais mas me meu minha na nas não no "
    "nos o os ou para pela pelo por qual quando que quem se sem seu sua um uma",
    "it": "a ai al alla che chi ci come con cosa da dal dei del della di dove e è gli ha i il in "
    "io la le lo mi mia mio ne nel nella non o per perché più quale quando se si sono su sul un "
    "una",
    "hu": "a az és egy ez hogy nem is de ha van vagy meg mint már csak még mi ki ami aki azt ezt "
    "hol hogyan mikor miért lesz volt el fel le be",
    "pl": "a aby ale czy do gdy gdzie i ich ile ja jak jest już kiedy kto który lub ma mi mnie na "
    "nie o od oraz po się są ta tak te to w we z za ze że",
    "ru": "а без бы в вам вас во вот вы где да для до его если есть и из или их к как ко когда кто "
    "ли мне мой мы на не но о об он от по при с со так то у что чтобы это я",
    "he": "של את על עם הוא היא אני אתה לא כן זה זו זאת יש אין אם או גם כי מה מי איך איפה מתי למה "
    "כמה אל כל רק עד אבל לי לך שלי שלך הם אנחנו ניתן האם",
    "ar": "في من على إلى عن مع هذا هذه ذلك تلك التي الذي أن إن لا ما هل كيف أين متى لماذا كم هو هي "
    "أنا أنت نحن هم كان قد لم لن أو ثم بعد قبل كل عند يا",
}


@lru_cache(64)
def stop_words(locale: str) -> Collection[str]:
    """The folded stop words of a locale's language; none for one without a list."""
    language = locale.partition("-")[0].lower()
    words = _WORDS.get({"no": "nb", "nn": "nb"}.get(language, language), "")
    return frozenset(fold(word) for word in words.split())
