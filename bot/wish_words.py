"""The words behind `bot.wishes`, as regular expressions over plain text (lower case, no marks).

English, Hebrew, Arabic, Spanish, German, French, Norwegian with Danish and Swedish, Hungarian,
Chinese, Japanese; for a person also Portuguese, Italian, Dutch, Polish, Russian, Ukrainian,
Turkish, Korean, Czech and Finnish.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Arabic letters that people write in several ways, and Chinese ones that differ by region.
LETTERS = str.maketrans("أإآةک" + "轉嗎幫個沒說", "اااهك" + "转吗帮个没说")

PERSON = (
    r"\b(?:real |live |actual |human )?(?:human(?: being)?s?|agent|operator|representative|rep|advisor|adviser"
    r"|person|someone real|somebody real|staff member|customer (?:service|support|care)|real (?:man|woman|someone))\b"
    r"|(?:נציג|נציגה|נציגת|בן אדם|בנאדם|מישהו אמיתי|אדם אמיתי|מוקדן|מוקדנית|אנושי|שירות לקוחות)"
    r"|(?:موظف|موظفه|شخص حقيقي|انسان|بشري|مندوب|ممثل|وكيل خدمه|خدمه العملاء|شخص)"
    r"|\b(?:agente|asesora?|persona(?: real)?|humano|operadora?|representante|ser humano|alguien real)\b"
    r"|\b(?:mensch(?:en|lichen?)?|mitarbeiter(?:in)?|berater(?:in)?|person|kundenservice|kundenbetreuer"
    r"|kundendienst|sachbearbeiter)\b"
    r"|\b(?:humaine?|conseill(?:er|ere|ère)|agent|operateur|opérateur|opératrice|personne|quelqu'un"
    r"|vrai personne|etre humain|être humain|service client)\b"
    r"|\b(?:menneske|kundebehandler|medarbeider|medarbejder|kundeservice|person|kundeservicemedarbeider"
    r"|människa|handläggare|kundtjänst|medarbetare|saksbehandler)\b"
    r"|\b(?:ember(?:rel|t)?|munkatárs(?:sal|at)?|ügyintéző(?:vel|t)?|ügyfélszolgálat(?:tal|ot|os)?|operátor(?:ral)?"
    r"|élő ember(?:rel)?|valakivel)\b"
    r"|人工|真人|客服|坐席|专员|活人"
    r"|オペレーター|担当者|人間|担当の方|有人|係の人|スタッフ|生身の人"
    r"|\b(?:atendente|pessoa|operatore|operatrice|persona|umano|addetto|consulente)\b"
    r"|\b(?:medewerker|mens|persoon|klantenservice|pracownik(?:iem)?|człowiek(?:iem)?|konsultant(?:em|ka)?)\b"
    r"|(?:оператор\w*|человек\w*|менеджер\w*|людин\w*|живым|живой|сотрудник\w*|консультант\w*)"
    r"|\b(?:temsilci\w*|insan\w*|yetkili\w*|müşteri hizmetleri\w*)\b"
    r"|상담원|상담사|사람|직원"
    r"|\b(?:operátor\w*|člověk\w*|ihmi\w+|asiakaspalvelija\w*)\b"
)

CONTACT = (
    r"\b(?:talk|speak|chat|connect|transfer|switch|put me|get me|give me|need|want|prefer|pass me|let me|reach"
    r"|contact|can i have|could i have|is there|bring|forward me|escalate|hand me)\b"
    r"|(?:לדבר|תעביר|להעביר|תחבר|לחבר|רוצה|צריך|צריכה|אפשר|בבקשה|תן לי|תני לי|לשוחח|מבקש|מבקשת)"
    r"|(?:اتحدث|التحدث|اتكلم|التكلم|اكلم|تحويل|حولني|حولوني|وصلني|اريد|ابغى|عايز|احتاج|اود|ممكن|التواصل|بدي|من فضلك)"
    r"|\b(?:hablar|habla|hable|comunicar|comunicarme|comunicame|pasar|paseme|páseme|pasame|pásame|quiero|necesito"
    r"|quisiera|transferir|conectar|hay|atienda|prefiero|ponme|póngame|contactar)\b"
    r"|\b(?:sprechen|reden|verbinden|weiterleiten|will|möchte|moechte|brauche|geben sie|gib mir|schreiben|hätte"
    r"|kann ich|bitte|lieber|kontaktieren)\b"
    r"|\b(?:parler|discuter|veux|voudrais|souhaite|besoin|passez|passer|transf[eé]rez|transf[eé]rer|mettre en relation"
    r"|contacter|joindre|préfère|puis-je)\b"
    r"|\b(?:snakke|prate|chatte|sett(?:e)? meg over|vil|ønsker|trenger|få|kan jeg|tale|ønsker|prata|tala|koppla|vill"
    r"|behöver|kontakt(?:e)?|overfør|heller)\b"
    r"|(?:beszél\w*|szeretné\w*|akarok|kapcsol\w*|kérek|kérem|kérnék|kell|adj\w* egy|átad\w*|inkább)"
    r"|转|接|找|要|叫|联系|跟|和|与|想|请"
    r"|話し|つない|繋い|代わ|お願い|呼んで|ください|たい|対応して|出して"
    r"|\b(?:falar|quero|preciso|conversar|transferir|parlare|voglio|vorrei|bisogno|passami|parla)\b"
    r"|\b(?:spreken|praten|wil|graag|doorverbinden|rozmawiać|porozmawiać|chcę|połącz\w*|proszę|chciał\w*)\b"
    r"|(?:поговор\w*|говор\w*|соедин\w*|хочу|позов\w*|переключ\w*|нужен|дайте|з'єдна\w*|покличте|потрібен|свяж\w*)"
    r"|\b(?:görüş\w*|konuş\w*|bağla\w*|istiyorum|lazım)\b"
    r"|연결|바꿔|통화|원해|싶|불러|주세요"
    r"|\b(?:mluvit|chci|spojte|puhua|haluan|yhdistä)\b"
)

# Said so, nothing else is meant.
DIRECT = (
    r"\b(?:speak|talk|chat) (?:to|with) (?:a |an |some |your )?(?:real |live |actual )?"
    r"(?:human|person|agent|someone|somebody|representative|rep|operator|manager|supervisor|people|staff|support)\b"
    r"|\b(?:human|live|real) (?:agent|support|help|chat|operator)\b|\bhuman,? please\b|^(?:live )?(?:agent|operator|human)[.!]*$"
    r"|转人工|转接人工|人工客服|人工服务|真人客服|接人工|找人工|找客服|人工"
    r"|オペレーターにつ|担当者につ|人と話|人間と話|有人対応|オペレーターに繋|担当者に代|人につない"
    r"|상담원 ?연결|상담사 ?연결|사람과 ?(?:대화|통화|얘기|이야기)"
    r"|(?:נציג|נציגה) (?:אנושי|אנושית|שירות)|מענה אנושי|לדבר עם (?:מישהו|בן ?אדם|אדם|נציג\w*)"
    r"|(?:التحدث|اتحدث|اتكلم|التكلم|اكلم) (?:مع|الى|ل) ?(?:احد|شخص|موظف|انسان|ممثل|مندوب|خدمه)"
    r"|\bhablar con (?:alguien|una persona|un humano|un agente|un asesor|un operador)\b"
    r"|\bmit (?:jemandem|einem menschen|einer person|einem mitarbeiter|einem berater) (?:sprechen|reden|schreiben|verbunden|chatten)"
    r"|\bparler [aà] (?:quelqu'un|une (?:vraie )?personne|un (?:humain|conseiller|agent|etre humain|être humain))"
    r"|\b(?:snakke|prate|tale|prata|tala) med (?:noen|nogen|någon|et menneske|en person|ett människa|en människa|en ekte)"
    r"|(?:ember|munkatárs|ügyintéző|valaki|operátor)\w* (?:szeretnék |akarok |kell )?beszél"
)

# A wish not to be handed over is none.
REFUSED = (
    r"\b(?:don't|do not|dont|no need to|without) (?:want |need |have |wish )?(?:to )?(?:talk|speak|chat|having|a human|an agent)[^.!?]*"
    r"|\bkeine[nm]? (?:menschen|mitarbeiter|berater)\b|\bno (?:quiero|necesito) (?:hablar|un agente|una persona)[^.!?]*"
    r"|\bje ne (?:veux|souhaite) pas parler[^.!?]*|\b(?:vil|ønsker|trenger) ikke [^.!?]*"
    r"|(?:לא (?:רוצה|צריך) (?:לדבר|נציג))[^.!?]*|(?:لا (?:اريد|احتاج) [^.!?؟]*)|(?:不要|不用|不想)(?:转)?人工|(?:不要|不用|不想)(?:找|要)?客服"
    r"|\bnem (?:akarok|szeretnék|kell) [^.!?]*|人と話したくない|オペレーターは不要"
)

NO_BOT = (
    r"\b(?:not|no|stop|don't want|enough of) (?:a |the |this |talking to (?:a |this )?)?(?:ro)?bots?\b|\bnot a (?:machine|robot)\b"
    r"|\bkein(?:en)? (?:ro)?bot\b|\bno (?:con )?(?:un )?(?:ro)?bot\b|\bpas (?:un|de|à un) (?:ro)?bot\b|\bikke (?:en |med en )?(?:ro)?bot\b"
    r"|לא (?:עם )?(?:רובוט|בוט)|(?:ليس|لا اريد) (?:مع )?(?:روبوت|بوت)|不要机器人|别用机器人|ボットじゃなく|ロボットではなく|nem (?:egy )?(?:ro)?bot"
)

# A person mentioned, not asked for.
ABOUT_PERSON = re.compile(
    r"\b(?:your|the|an?|my|ihr|euer|der|su|el|votre|den|din) (?:agent|person|representative|operator|advisor|mitarbeiter|agente"
    r"|conseiller|medarbeider|customer (?:service|support|care))\b.*\b\w+|\b(?:per|another|second|first|third|which|two|2|one) (?:person|agent)"
    r"|\bperson\w* (?:on|in|at|zu|pro|par|por)|\b(?:is|are|was|were|hours?|number|phone|told|said|hat|ha|a dit|sa)\b"
    r"|(?:שעות|טלפון|מספר) |(?:ساعات|رقم) |\b(?:pro|par|por|per) person"
)

WHOLE: Mapping[str, str] = {
    "cancel": (
        r"(?:please )?(?:cancel|stop|abort|never ?mind|forget it|quit|exit|start over|leave it)(?: (?:it|this|that|please))?"
        r"|ביטול|תבטל|בטל|עזוב|עזבי|לא משנה|תפסיק|די"
        r"|الغاء|الغ|توقف|لا يهم|انس الامر|خلاص"
        r"|cancelar|cancela|cancele|olv[ií]dalo|olvidelo|d[eé]jalo|para|parar|no importa"
        r"|abbrechen|abbruch|stopp?|vergiss es|vergessen sie es|egal|lass(?:en sie)? es"
        r"|annuler?|annulez|arr[eê]te[rz]?|laisse[rz]? tomber|peu importe|oubliez"
        r"|avbryt|stopp|glem det|drop det|annuller|glöm det|avbryd|samme det"
        r"|mégse|mégsem|megse|megszakít(?:ás)?|hagyjuk|törlés|felejtsd el|felejtse el|állj"
        r"|取消|算了|停止|不用了|不弄了|退出"
        r"|キャンセル|中止|やめる|やめます|やめて|もういい(?:です)?|結構です|取り消し"
    ),
    "yes": (
        r"(?:yes|yep|yeah|yup|ya|sure|ok|okay|correct|right|exactly|that's right|y|yes please|yes,? (?:it|that) (?:did|does|helped)"
        r"|it (?:did|does|helped)|that helped|perfect|great|yes,? thanks?(?: you)?|👍|it worked|works)"
        r"|כן|נכון|בטח|בסדר|אוקיי|אוקי|בדיוק|עזר|זה עזר|כן תודה|מעולה|כן,? זה עזר"
        r"|نعم|اجل|ايوه|ايوا|صحيح|تمام|اكيد|بالضبط|نعم شكرا|نعم،? افادني|حسنا"
        r"|s[ií]|claro|correcto|exacto|vale|de acuerdo|s[ií],? gracias|perfecto|me ha servido|s[ií],? me sirvi[oó]"
        r"|ja|jawohl|jo|genau|richtig|stimmt|korrekt|klar|passt|ja,? danke|ja,? bitte|ja,? das hat geholfen|hat geholfen|perfekt"
        r"|oui|ouais|exact|c'est exact|c'est (?:ça|bon|juste)|d'accord|bien s[uû]r|oui,? merci|parfait|correct"
        r"|jo|jepp|japp|stemmer|det stemmer|riktig|ja takk|ja,? det hjalp|det hjalp|akkurat|ja tack|flott"
        r"|igen|aha|persze|rendben|így van|helyes|pontosan|igen,? köszönöm|segített|igen,? segített|jó"
        r"|是|是的|对|对的|好|好的|没错|嗯|嗯嗯|可以|有帮助|有用|行|正确"
        r"|はい|ええ|うん|そうです|そう|合っています|はい、?(?:ありがとう(?:ございます)?|そうです)|お願いします|役に立ちました|オッケー|正しいです|大丈夫です"
    ),
    "no": (
        r"(?:no|nope|nah|n|not really|wrong|incorrect|that's wrong|no,? it (?:did|does)(?:n't| not)(?: help)?|it (?:did|does)(?:n't| not)(?: help)?"
        r"|no,? that (?:did|does)(?:n't| not) help|not helpful|no,? thanks?(?: you)?|none(?: of (?:these|them|those))?|neither|👎|that's not it)"
        r"|לא|לא ממש|לא נכון|לא עזר|זה לא עזר|לא תודה|אף אחד(?: מהם)?|אף אחת(?: מאלה)?|שגוי"
        r"|لا|كلا|ليس تماما|خطا|غير صحيح|لم يفد|لا شكرا|لم يساعدني|ولا واحد|لا شيء(?: من هذه)?|لا،? لم يفدني"
        r"|no|para nada|incorrecto|no,? gracias|no me (?:sirve|ha servido|sirvi[oó]|ayud[oó])|ninguna?(?: de (?:estas|estos|esas))?|no es eso"
        r"|nein|nee|n[oö]|falsch|nicht wirklich|stimmt nicht|nein,? danke|hat nicht geholfen|nein,? (?:das )?hat nicht geholfen|nichts davon|keine?s?(?: davon)?"
        r"|non|pas vraiment|pas du tout|faux|non,? merci|incorrect|ça n'a pas aid[eé]|aucune?(?: d(?:e|'entre) (?:ces|eux|elles|ces choix))?|rien de tout cela|ce n'est pas ça"
        r"|nei|ikke (?:egentlig|helt)|feil|nei takk|det hjalp ikke|nei,? det hjalp ikke|ingen(?: av (?:disse|dem))?|nej|nej tack|nej tak"
        r"|nem|nem igazán|rossz|nem helyes|nem,? köszönöm|nem segített|egyik sem|egyikre sem"
        r"|不|不是|不对|没有|没用|没帮助|不用|都不是|没有帮助|错了|否|不行"
        r"|いいえ|いえ|ううん|違います|違う|ちがいます|どれでもない|いいえ、?違います|役に立ちませんでした|ありません|大丈夫じゃない|解決しません(?:でした)?"
    ),
    "repeat": (
        r"(?:can you |could you |please )*(?:repeat|say (?:that|it) again|come again|once more|again)(?: that| it)?(?: please)?"
        r"|pardon|what did you say|תחזור על זה|תחזרי על זה|שוב|עוד פעם|אפשר לחזור על זה|מה אמרת"
        r"|كرر|اعد|اعد من فضلك|مره اخرى|هل يمكنك التكرار|ماذا قلت"
        r"|(?:puede |puedes )?repet[ií]r?(?:lo)?(?: por favor)?|rep[ií]t[ea](?:lo)?(?: por favor)?|otra vez|c[oó]mo dice"
        r"|(?:bitte )?(?:noch ?mal|wiederholen|nochmal bitte|wie bitte)(?: bitte)?|können sie das wiederholen"
        r"|(?:pouvez-vous |peux-tu )?r[eé]p[eé]te[rz]?(?: s'il vous plaît)?|encore une fois|comment"
        r"|gjenta|kan du gjenta(?: det)?|en gang til|si det igjen|upprepa|hva sa du"
        r"|ismételd meg|ismételje meg|még egyszer|megismételné|mit mondott"
        r"|再说一遍|重复一下|再说一次|请重复|你说什么"
        r"|もう一度(?:お願いします|言ってください)?|繰り返して(?:ください)?|何と言いましたか|もう一回"
    ),
    "thanks": (
        r"(?:ok(?:ay)?,? |great,? |perfect,? )?(?:thanks?(?: you)?(?: (?:so|very) much| a lot)?|thx|ty|cheers|much appreciated)(?: (?:bye|all good))?"
        r"|תודה(?: רבה)?|תודה תודה|(?:ال)?شكرا(?: لك| جزيلا| لكم)?|مشكور"
        r"|(?:muchas |mil )?gracias|danke(?: ?sch[oö]n| sehr)?|vielen dank|besten dank|merci(?: beaucoup| bien)?"
        r"|takk(?: skal du ha|, det var alt)?|tusen takk|mange takk|tack(?: så mycket)?|tak"
        r"|köszönöm(?: szépen)?|köszi|kösz|nagyon köszönöm|谢谢(?:您|你|啦|了)?|多谢|感谢|ありがとう(?:ございます|ございました)?|どうも|サンキュー"
    ),
    "goodbye": (
        r"(?:good ?)?bye(?: bye)?|see (?:you|ya)|that's all|that is all|להתראות|ביי|יום טוב|מع السلامه|وداعا|الى اللقاء|مع السلامه"
        r"|adi[oó]s|hasta luego|chao|tsch[uü]ss|auf wiedersehen|ciao|bis bald|au revoir|bonne journ[eé]e|salut|ha det(?: bra)?|hei då|farvel"
        r"|viszlát|viszontlátásra|szia,? viszlát|再见|拜拜|さようなら|バイバイ|失礼します"
    ),
    "how_are_you": (
        r"(?:hi,? |hello,? |hey,? )?how are (?:you|u)(?: doing)?(?: today)?|how's it going|what's up|מה שלומך|מה נשמע|מה קורה|כיצד שלומך"
        r"|كيف حالك|كيفك|شلونك|(?:hola,? )?(?:qué tal|como est[aá]s?|cómo est[aá]s?)|wie geht(?:'s| es (?:ihnen|dir))|(?:bonjour,? )?comment (?:ça va|allez-vous|vas-tu)|ça va"
        r"|hvordan (?:har du det|går det)|hur mår du|hogy vagy|hogy van|mi újság|你好吗|您好吗|最近怎么样|お元気ですか|元気(?:ですか)?|調子はどう(?:ですか)?"
    ),
    "greeting": (
        r"(?:hi|hello|hey|hiya|howdy|good (?:morning|afternoon|evening|day)|greetings)(?: there| everyone| all)?|yo"
        r"|שלום|היי|הי|בוקר טוב|ערב טוב|צהריים טובים|אהלן"
        r"|مرحبا|اهلا|السلام عليكم|سلام|صباح الخير|مساء الخير|هاي"
        r"|hola|buenos d[ií]as|buenas(?: tardes| noches)?|hallo|guten (?:tag|morgen|abend)|gr[uü]ß gott|servus|moin|grüezi"
        r"|bonjour|bonsoir|salut|coucou|hei|heisann|god (?:dag|morgen|kveld|morgon)|hej|hallo|hallå"
        r"|szia(?:sztok)?|hell[oó]|jó (?:napot|reggelt|estét)(?: kívánok)?|üdv(?:özlöm)?|sziasztok"
        r"|你好|您好|嗨|哈喽|早上好|下午好|晚上好|在吗|有人吗|こんにちは|こんばんは|おはよう(?:ございます)?|もしもし|はじめまして"
    ),
    "who": (
        r"(?:who|what) are you|are you (?:a |an )?(?:real |human|robot|bot|machine|ai|computer|person)(?: (?:person|human))?|is this a (?:bot|robot|person)"
        r"|am i (?:talking|speaking|chatting) (?:to|with) a (?:bot|robot|human|person)|מי אתה|מי את|אתה (?:רובוט|בוט|אמיתי|אנושי|בן אדם)"
        r"|من انت|هل انت (?:روبوت|انسان|حقيقي|بوت|بشر)|qui[eé]n eres|eres (?:un )?(?:robot|bot|humano|una persona|persona real)"
        r"|wer (?:bist du|sind sie)|(?:bist du|sind sie) (?:ein )?(?:bot|roboter|mensch|echt)|qui (?:es-tu|êtes-vous|etes-vous)|(?:es-tu|êtes-vous) un (?:robot|bot|humain)"
        r"|hvem er du|er du (?:en )?(?:robot|bot|et menneske|ekte)|ki vagy|te (?:robot|ember) vagy|(?:ön )?robot\??|你是谁|你是机器人吗|你是真人吗|您是机器人吗|あなたは誰(?:ですか)?|ロボットですか|ボットですか|人間ですか|aiですか"
    ),
}

ANGRY = (
    r"\b(?:ridiculous|unacceptable|outrageous|furious|angry|disgust(?:ing|ed)|scam|fraud|thieves|useless|terrible|horrible|awful|worst"
    r"|pathetic|incompetent|lawyer|sue|fed up|sick of|sick and tired|how dare|rip[- ]?off|joke|nonsense|disgrace|never again|last time)\b"
    r"|(?:מגוחך|חוצפה|שערורי|זעם|עצבני|רמאים|גנבים|הונאה|נוכלים|גרוע|נורא|מזעזע|בושה|נמאס|עורך דין|אתבע|תביעה|חרפה)"
    r"|(?:سخيف|غير مقبول|فضيحه|غاضب|احتيال|نصابين|لصوص|حراميه|سيء جدا|اسوا|فظيع|عديم الفائده|مقرف|محامي|سئمت|زفت|عيب عليكم)"
    r"|\b(?:ridículo|inaceptable|indignante|furios[oa]|enfadad[oa]|estafa|estafadores|ladrones|in[uú]til(?:es)?|p[eé]simo|horrible|peor|verg[uü]enza|abogado|hart[oa]|demandar|asco)\b"
    r"|\b(?:lächerlich|inakzeptabel|unverschämt\w*|frechheit|wütend|sauer|betrug|betrüger|abzocke|nutzlos|unfähig|schrecklich|furchtbar|schlimmste|katastrophe|anwalt|reicht's|reicht es|satt|saftladen|sauerei)\b"
    r"|\b(?:ridicule|inacceptable|inadmissible|scandaleux|furieux|furieuse|en colère|arnaque|arnaqueurs|escrocs?|voleurs|inutile|nul|lamentable|horrible|pire|honte|avocat|marre|foutage)\b"
    r"|\b(?:latterlig|uakseptabelt|uhørt|rasende|sint|forbanna|svindel|svindlere|tyver|ubrukelig|elendig|forferdelig|verste|skammelig|advokat|drittlei|lei av|skandale|katastrofe)\b"
    r"|(?:nevetséges|elfogadhatatlan|felháborító|dühös|csalás|csalók|tolvajok|haszontalan|borzasztó|szörnyű|legrosszabb|szégyen|ügyvéd|elegem van|pofátlan\w*)"
    r"|(?:荒唐|可笑|不能接受|无法接受|气死|愤怒|生气|骗子|骗钱|诈骗|垃圾|没用的|太差|恶心|最差|投诉|律师|受够|差劲|坑人)"
    r"|(?:ふざける|ふざけん|許せない|最悪|怒って|腹が立|詐欺|ひどい|ひどすぎ|役に立たない|使えない|訴え|弁護士|いい加減|うんざり|泥棒|馬鹿にし)"
)

CURSING = (
    r"\b(?:fuck\w*|shit\w*|bullshit|asshole\w*|bastards?|idiots?|morons?|wtf|damn you|bloody hell|piss off|goddamn\w*|stupid (?:bot|company|machine|people))\b"
    r"|(?:לעזאזל|חרא|אידיוט\w*|מטומט\w*|זבל|מניאק\w*|דפוק\w*|שיט)"
    r"|(?:تبا|اللعنه|حقير|اغبياء|غبي|حمار|كلاب|زباله|خرا)"
    r"|\b(?:mierda|joder|idiotas?|imb[eé]cil(?:es)?|cabr[oó]n(?:es)?|puta|est[uú]pid[oa]s?|maldit[oa]s?)\b"
    r"|\b(?:scheiß\w*|scheiss\w*|verdammt\w*|arschl\w*|idioten?|verarsch\w*|mist(?:stück|kerl)|blöd(?:e|er|es)? (?:bot|firma|maschine))\b"
    r"|\b(?:merde|putain|connards?|cons?|idiots?|imb[eé]ciles?|bordel|enfoir[eé]s?|foutez)\b"
    r"|\b(?:faen|helvete|dritt\w*|idioter|idiot|jævla|jævlig\w*|forbannet|fy faen|fan|skit)\b"
    r"|(?:\b(?:baszd|kurva\w*|szar\w*|hülye\w*|idióta\w*|francba|rohad\w*|barom\w*|bassz\w*)\b)"
    r"|(?:他妈|妈的|操你|傻逼|傻瓜|混蛋|滚蛋|白痴|王八蛋|去死|狗屎)"
    r"|(?:くそ|クソ|ばか野郎|バカ野郎|馬鹿野郎|死ね|アホ|馬鹿か|バカか|ボケ)"
)

_PLEASE = (
    r"(?:,? ?(?:please|bitte|por favor|s'il vous plaît|s'il te plaît|takk|kérem|בבקשה|من فضلك))?"
)
_FIRST = r"(?:(?:please|bitte|por favor|s'il vous plaît|kérem|בבקשה|من فضلك),? )?"
_CAN = (
    r"(?:(?:can|could) (?:you|we) (?:speak|write|talk|answer|continue|switch to)|do you speak|speak|switch to|i speak"
    r"|können (?:sie|wir)|sprechen sie|kannst du|puede(?:s)? (?:hablar|escribir|responder)|habla(?:s|mos)?|parlez-vous|pouvez-vous (?:parler|répondre)"
    r"|kan du (?:snakke|skrive|svare)(?: på)?|snakker du|tud(?:sz)? ?|beszél(?:sz)?|אפשר|אתה מדבר|דבר|هل تتحدث|تكلم|تحدث|可以说|请说|请用|用|能说|会说)? ?"
)


def _switch(names: str) -> str:
    return (
        rf"{_FIRST}{_CAN}(?:in |auf |en |på |ب|ال|באנגלית )?(?:{names})(?: (?:sprechen|reden|weitermachen|schreiben|answer|instead|now))?"
        rf"{_PLEASE}(?:で(?:お願いします|話してください)?|吗|回答|说)?"
    )


SWITCH: Mapping[str, str] = {
    "en": _switch(
        r"english|englisch|ingl[eé]s|anglais|engelsk|angolul|אנגלית|באנגלית|بالانجليزيه|الانجليزيه|英语|英文|英語"
    ),
    "he": _switch(
        r"hebrew|hebräisch|hebreo|hébreu|hebraisk|héberül|עברית|בעברית|بالعبريه|希伯来语|ヘブライ語"
    ),
    "ar": _switch(
        r"arabic|arabisch|[aá]rabe|arabe|arabisk|arabul|ערבית|בערבית|عربي|العربيه|بالعربيه|بالعربي|阿拉伯语|アラビア語"
    ),
    "es": _switch(
        r"spanish|spanisch|español|espanol|castellano|espagnol|spansk|spanyolul|ספרדית|בספרדית|بالاسبانيه|西班牙语|スペイン語"
    ),
    "de": _switch(
        r"german|deutsch|alem[aá]n|allemand|tysk|németül|גרמנית|בגרמנית|بالالمانيه|德语|ドイツ語"
    ),
    "fr": _switch(
        r"french|französisch|franc[eé]s|français|francais|fransk|franciául|צרפתית|בצרפתית|بالفرنسيه|法语|フランス語"
    ),
    "nb": _switch(
        r"norwegian|norwegisch|noruego|norvégien|norsk|norvégul|נורווגית|בנורווגית|بالنرويجيه|挪威语|ノルウェー語"
    ),
    "hu": _switch(
        r"hungarian|ungarisch|h[uú]ngaro|hongrois|ungarsk|magyarul|magyar|הונגרית|בהונגרית|بالمجريه|匈牙利语|ハンガリー語"
    ),
    "zh": _switch(
        r"chinese|mandarin|chinesisch|chino|chinois|kinesisk|kínaiul|סינית|בסינית|بالصينيه|中文|汉语|普通话|中国語"
    ),
    "ja": _switch(
        r"japanese|japanisch|japon[eé]s|japonais|japansk|japánul|יפנית|ביפנית|باليابانيه|日语|日文|日本語"
    ),
    "pt": _switch(r"portuguese|portugiesisch|portugu[eéê]s|portugais|portugisisk"),
    "it": _switch(r"italian|italienisch|italiano|italien"),
    "ru": _switch(r"russian|russisch|ruso|russe|по-русски|на русском|русский"),
    "uk": _switch(r"ukrainian|українською|ukrainisch"),
    "pl": _switch(r"polish|polnisch|polaco|polonais|po polsku|polski"),
    "tr": _switch(r"turkish|türkisch|turco|turc|türkçe"),
    "nl": _switch(r"dutch|niederländisch|neerland[eé]s|nederlands"),
    "sv": _switch(r"swedish|schwedisch|sueco|suédois|svenska|svensk"),
}
