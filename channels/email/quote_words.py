"""The words by which mail programs introduce quotes, forwards and their own advertising.

One table for each purpose; a new language is one more alternative in each.
"""
# ruff: noqa: E501, ERA001 - tables of patterns

from __future__ import annotations

import re

_WROTE = (
    r"wrote|writes|schrieb(?:en)?|a [ée]crit|[ée]crivait|escribi[óo]|ha escrito|va escriure|"
    r"escreveu|"
    r"ha scritto|scrisse|scrive|schreef|geschreven|skrev|kirjoitti|napisał(?:\(?a\)?)?|pisze|"
    r"napsal(?:\(?a\)?)?|nap[íi]sal(?:\(?a\)?)?|[íi]rta|a scris|написал(?:\(?а\)?)?|"
    r"писал(?:\(?а\)?)?|пишет|написав(?:\(?ла\)?)?|написала|пише|написа|yazd[ıi]|yazm[ıi][şs]|"
    r"έγραψε|đ[ãa] vi[ếe]t|menulis|kirjutas|raksta?īja|raš[ėe]|napisao|napisala|"
    r"je napisal(?:\(?a\)?)?|"
    r"כתב(?:/ה|ה)?|כתב\.ה|كتبت?|写道|寫道|写到|書きました|のメッセージ|のメール|작성|쓴 글|ने लिखा|เขียนว่า"
)
WROTE = re.compile(
    rf"(?<!\w)(?:{_WROTE})(?!\w)|写道|寫道|書きました|のメッセージ|のメール|작성|쓴 글",
    re.IGNORECASE,
)
INTRODUCES = re.compile(
    r"^[\s>\"'*]*(?:on|at|in|am|le|el|il(?: giorno)?|em|no dia|op|den|p[åa]|dnia|w dniu|dne|d[ňn]a|"
    r"v|la|на|в|at|pada|vào|ב|בתאריך|في|بتاريخ|在|于|於|"
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|пн|вт|ср|чт|"
    r"пт|"
    r"сб|вс|нд|po|út|st|čt|pá|so|ne|hét|ke|sze|cs|pé|szo|va?)[a-zà-ž]*[.,]{1,2}|\d{1,4})"
    r"(?:[\s,׳־-]|(?<=[ב在于於])|(?<=\d)[./年-])",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\d{1,4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,4}|\d{1,2}[.:]\d{2}|\b(?:19|20)\d\d\b|"
    r"\d{1,2}\.? [^\W\d_]{3,}"
)
# "Quoting Max <max@example.com>:", in which there is no date
QUOTING = re.compile(
    r"^\W*(?:quoting|zitat von|zitiere|citando(?: a)?|citation de|citaat van|citeren|citat fr[åa]n|"
    r"citerer|cytat|cytowanie|citace|id[ée]zet|цитирование|цитата|wiadomość napisana przez|"
    r"missatge de|mensaje (?:citado )?(?:de|por)|message de|messaggio di|mensagem de)\s",
    re.IGNORECASE,
)
# GroupWise: ">>> Max <max@example.com> 03/03/26 2:05 PM >>>"
BETWEEN_ANGLES = re.compile(r"^\s*>>>\s\S.{3,140}\d.{0,20}>>>\s*$")
# In brackets after a name, or after "by": as programs write it, seldom people.
NAMED_ADDRESS = re.compile(
    r"[<(\[]\s*(?:mailto:)?[^\s<>()@]+@[\w.-]+\w[^\w<]{0,6}[>)\]]|"
    r"\b(?:by|von|от|par|por|da|av|af|door|przez)\s+[^\s<>()@]+@[\w.-]+\w\s*:",
    re.IGNORECASE,
)
FIRST_PERSON = re.compile(
    r"\b(?:I|we) (?:wrote|write|have written)\b|\bschrieb(?:en)? (?:ich|wir)\b|"
    r"\b(?:ich|wir) schr(?:ie|ei)b\w*|j['’]ai [ée]crit|nous avons [ée]crit|\bescrib[ií]\b|"
    r"\bho scritto\b|\bescrevi\b|\bschreef ik\b|\bskrev jag\b|\bskrev jeg\b|"
    r"\bя писала?\b|\bя написала?\b|כתבתי|كتبت لكم|我写道",
    re.IGNORECASE,
)
MAIL_ADDRESS = re.compile(r"<?\s*(?:mailto:)?[\w.+'%-]+@[\w.-]+\w\s*>?")
# "2016-03-03 17:21 GMT+01:00 Some One", "2013/7/20 sam <a@b>", "2024年1月5日(金) 10:00 山田 <a@b>:"
DATED_NAME = re.compile(
    r"^[\s>]*\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?\.?.{0,40}"
    r"(?:GMT[+-]\d|UTC[+-]\d|[AaPp][Mm]\b|\d{1,2}:\d{2}|\S).{0,80}$"
)

_FROM = (
    r"from|von|de|da|van|od|fra|fr[åa]n|felad[óo]|kimden|g[öo]nderen|l[äa]hett[äa]j[äa]|από|"
    r"exp[ée]diteur|remitente|mittente|nadawca|de la|от|від|מאת|من|发件人|寄件者|寄件人|差出人|送信者|보낸 ?사람"
)
_SENT = (
    r"sent|date|gesendet(?: am)?|datum|envoy[ée](?: le)?|enviad[oa](?: el| em)?|"
    r"fecha(?: de env[íi]o)?|"
    r"data(?: de envio)?|inviato(?: il)?|verzonden(?: op)?|wysłan[oe]|sendt|dato|skickat|"
    r"elk[üu]ldve|"
    r"k[üu]ldve|d[áa]tum|g[öo]nderildi|g[öo]nderme tarihi|tarih|l[äa]hetetty|p[äa]iv[äa]ys|trimis|"
    r"отправлено|дата|надіслано|odesl[áa]no|odoslan[ée]|εστάλη|ημερομηνία|נשלח|תאריך|"
    r"(?:تاريخ )?الإرسال|تم الإرسال|التاريخ|أرسلت|发送时间|发送日期|日期|时间|時間|寄件日期|傳送時間|"
    r"送信日時|日時|日付|보낸 ?날짜|날짜"
)
_TO = (
    r"to|an|[àa]|para|aan|do|til|till|c[íi]mzett|kime|al[ıi]c[ıi]|vastaanottaja|προς|"
    r"destinat[áa]rio|"
    r"destinataire|destinatario|към|кому|komu|adresat|אל|إلى|收件人|收件者|宛先|받는 ?사람|către"
)
_CC = (
    r"cc|bcc|kopie|copie(?: [àa])?|copia|c[óo]pia|kopi|kopia|m[áa]solat|bilgi|kopio|копия|копія|"
    r"עותק|نسخة|抄送|副本|참조|dw"
)
_SUBJECT = (
    r"subject|betreff|objet|asunto|assunto|oggetto|onderwerp|temat|emne|[äa]mne|t[áa]rgy|konu|aihe|"
    r"θέμα|subiect|tema|тема|p[řr]edm[ěe]t|predmet|נושא|الموضوع|主\s?题|主旨|主\s?題|件名|제목"
)
_OTHER = (
    r"reply-to|antwort an|r[ée]pondre [àa]|risposta|responder a|beantwoorden|importance|priority|"
    r"wichtigkeit|attachments?|anlagen?|pi[èe]ces? jointes?|message-id|newsgroups|organization|"
    r"sujet|importancia|bilagor|załączniki"
)


def _field(words: str) -> re.Pattern[str]:
    return re.compile(rf"^[\s>]*[*_]*(?:{words})[*_]*[ \t]?[:：][*_]*(?:\s|$|\S)", re.IGNORECASE)


FIELDS = {
    "from": _field(_FROM),
    "sent": _field(_SENT),
    "to": _field(_TO),
    "cc": _field(_CC),
    "subject": _field(_SUBJECT),
    "other": _field(_OTHER),
}

_ORIGINAL = (
    r"original message|original e-?mail|replied message|回复的原邮件|urspr[üu]ngliche (?:nachricht|e-?mail)|originalnachricht|"
    r"original-?nachricht|message (?:d['’]origine|original)|mensaje original|mensagem original|"
    r"messaggio originale|oorspronkelijk bericht|origineel bericht|originele bericht|"
    r"wiadomo[śs][ćc] oryginalna|oryginalna wiadomo[śs][ćc]|oprindelig (?:meddelelse|besked)|"
    r"opprinnelig melding|ursprungligt meddelande|originalmeddelande|eredeti [üu]zenet|"
    r"p[ůu]vodn[íi] (?:zpr[áa]va|e-?mail)|p[ôo]vodn[áa] spr[áa]va|"
    r"(?:orijinal|[öo]zg[üu]n) (?:ileti|mesaj)|alkuper[äa]inen viesti|αρχικό μήνυμα|mesaj original|"
    r"(?:исходное|оригинальное|первоначальное) сообщение|"
    r"(?:вихідне|оригінальне|початкове) повідомлення|ה?הודעה ה?מקורית|(?:ال)?رسالة (?:ال)?أصلية|"
    r"الرسالة الأصلية|原始邮件|原始郵件|邮件原件|元のメッセージ|원본 메시지|previous (?:message|replies)|"
    r"reply message|reply above this line|antwort oberhalb dieser zeile"
)
_ABOVE = (
    r"(?:type|write|enter|add)?\s?(?:your )?(?:reply|response|answer)s? above (?:this|the) line|"
    r"reply above here|(?:antworten sie |antwort )?(?:bitte )?(?:oberhalb|über) dieser (?:zeile|linie)|"
    r"au[- ]dessus de cette ligne|(?:por )?encima de esta l[íi]nea|acima desta linha|"
    r"sopra (?:a )?questa (?:riga|linea)|boven deze (?:regel|lijn)|ovanför den h[äa]r raden|"
    r"over denne linj\w*|powyżej tej linii|nad t[íi]mto ř[áa]dkem|над этой (?:линией|строкой|чертой)|"
    r"над цією лінією|bu (?:satırın|çizginin) üzerine|מעל (?:ל)?שורה זו|فوق هذا السطر|"
    r"在此(?:线|行)(?:上方|以上)|この行(?:より|の)上"
)
ORIGINAL = re.compile(
    rf"^[\s>]*(?:[-_=*#~‐–—]{{2,}}\s*(?:{_ORIGINAL})\b.{{0,60}}|"
    rf"[-_=*#~‐–—]{{2,}}.{{0,40}}(?:{_ABOVE}).{{0,30}}[-_=*#~‐–—]{{2,}}|"
    rf"[*_]*(?:{_ORIGINAL})[*_]*\s*[-:]*)\s*$",
    re.IGNORECASE,
)
BETWEEN_RULES = re.compile(r"^[\s>]*([-_=*]{4,})\s*[^\W_][^\n]{0,60}?\s*[-_=*]{4,}\s*$")

_FORWARD = (
    r"(?:begin |start of )?forwarded (?:message|by|mail)|weitergeleitete (?:nachricht|e-?mail)|"
    r"anfang der weitergeleiteten (?:nachricht|e-?mail)|"
    r"(?:d[ée]but du )?message (?:transf[ée]r[ée]|transmis|r[ée]exp[ée]di[ée])|"
    r"(?:inicio del )?mensaje reenviado|(?:in[íi]cio da )?mensagem (?:re)?encaminhada|"
    r"(?:inizio (?:del )?)?messaggio inoltrato|(?:begin )?doorgestuurd(?:e)? bericht|"
    r"(?:pocz[ąa]tek )?(?:przekazan[ae]j? wiadomo[śs][ćc]i?|wiadomo[śs][ćc] przekazana)|"
    r"videresendt (?:meddelelse|besked|melding)|vidarebefordra[td]e? (?:meddelande|brev|mejl)|"
    r"tov[áa]bb[íi]tott (?:[üu]zenet|lev[ée]l)|p[řr]eposlan[áa] zpr[áa]va|"
    r"(?:iletilen|y[öo]nlendirilen) (?:mesaj|ileti)|v[äa]litetty viesti|προωθημένο μήνυμα|"
    r"(?:пересылаемое|пересланное) (?:сообщение|письмо)|переслане (?:повідомлення|лист)|"
    r"הודעה שהועברה|ההודעה שהועברה|(?:ال)?رسالة (?:ال)?(?:محولة|مُعاد توجيهها)|"
    r"转发(?:的)?邮件|轉寄(?:的)?郵件|轉寄郵件|転送(?:された)?メッセージ|전달된 메시지"
)
FORWARD = re.compile(rf"^[\s>]*[-_=*#~]*\s*(?:{_FORWARD})\s*[:：]?\s*[-_=*#~]*\s*$", re.IGNORECASE)

_PRODUCT = r"(?:outlook|gmail|yahoo|aol|k-9|bluemail|spark|boxer|proton\s?mail|tutanota|aqua mail)"
_GADGET = (
    r"(?:i?-?phone|ipad|ipod|android|blackberry|mobile?\w*|mobil\w*|handy|smartphone|galaxy|"
    r"samsung|"
    r"huawei|xiaomi|nokia|htc|windows|tablet|cell|device|ger[äa]t|mailbox|mail|outlook|airmail|"
    r"telefon\w*|t[ée]l[ée]fono?|telemóvel|celular|surface|pixel|mac|pc|móvil|portable|"
    r"verizon|телефон\w*|смартфон\w*|мобіл\w*)"
)
MOBILE = (
    re.compile(
        r"^(?:\W*(?:someone|message|mail|email)?\s*)(?:sent|posted|written|typed|from)"
        r"(?: (?:from|via|with|by|using|on|through))?(?: (?:my|a|an|the|"
        r"mail))?\b(?P<rest>.{1,70})$", re.IGNORECASE,
    ),
    re.compile(rf"^\W*(?:someone )?from (?:my )?{_GADGET}\b.{{0,30}}$", re.IGNORECASE),
    re.compile(
        r"^\W*(?:diese (?:nachricht|e-?mail|mail) wurde )?(?:von|mit|via|vom) .{2,60} "
        r"(?:gesendet|verschickt|geschickt|geschrieben)\.?\W*$|^\W*gesendet (?:von|mit|aus|über|"
        r"via) .{2,60}$"
        r"|^\W*diese nachricht wurde .{2,70} gesendet\.?\W*$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*(?:envoy[ée] (?:de(?:puis)?|avec|[àa] partir|via)|"
        r"enviad[oa] (?:desde|do|da|de|del|pelo|a partir|con|com|via|por)|"
        r"inviato (?:da|dal|con|tramite)|"
        r"(?:verzonden|verstuurd) (?:van|vanaf|met|vanuit|via)|wysłan[eoy] (?:z|przez|za)|"
        r"sendt (?:fra|med|via)|skickat (?:fr[åa]n|med|via)|l[äa]hetetty|elk[üu]ldve|изпратено от|được gửi từ|dikirim dari|holen sie sich|trimis (?:de pe|din)|"
        r"odesl[áa]no (?:z|pomoc[íi])|odoslan[ée] z|k[üu]ldve|"
        r"отправлено (?:с|из|через)|надіслано (?:з|із|через|за)|εστάλη από|στάλθηκε από|"
        r"נשלח (?:מ|באמצעות)\S*|(?:أ[ُ]?رسلت?|تم الإرسال|مرسل(?:ة)?|أُرسلت) (?:من|بواسطة)|发自|發自|"
        r"寄自|從我的|从我的|通过).{1,60}$",
        re.IGNORECASE,
    ),
    re.compile(r"^\W*(?:my )?\S.{0,40}(?:から送信(?:されました)?|傳送|发送|发出|에서 보냄|"
               r"g[öo]nderildi|k[üu]ld(?:ve|tem)|-?r[óo]l k[üu]ldve)\W*$", re.IGNORECASE),
    re.compile(
        rf"^\W*(?:get|download|try|hol(?:en)?(?: sie)?(?: dir)?|laden sie|t[ée]l[ée]charge[rz]|"
        rf"obten[eh]a?r?|"
        rf"obtenir|scarica|ottieni|downloaden?|haal|baixe|obter|pobierz|h[äa]mta|hent|"
        rf"скачать|загрузить|отримати|st[áa]hnout|获取|下載|取得)\W*\s?\[?{_PRODUCT}.{{0,120}}$",
        re.IGNORECASE,
    ),
    re.compile(rf"^\W*{_PRODUCT} (?:f[üu]r|for|per|para|pour|voor|на|для|dla) .{{2,60}}"
               r"(?:beziehen|herunterladen|scaricare|descargar|indir)?.{0,60}$", re.IGNORECASE),
)  # fmt: skip
APOLOGY = re.compile(
    r"excuse|typo|brevity|autocorrect|spelling|tippfehler|kürze|fautes", re.IGNORECASE
)
GADGET = re.compile(rf"\b{_GADGET}", re.IGNORECASE)

GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|dear|hallo|guten (?:tag|morgen|abend)|moin|sehr geehrte\w*|liebe[rs]?|"
    r"bonjour|"
    r"salut|cher|ch[èe]re|hola|buenos d[íi]as|buenas|estimad\w+|ol[áa]|bom dia|prezad\w+|ciao|"
    r"buongiorno|gentile|beste|dag|goedendag|geachte|dzie[ńn] dobry|cze[śs][ćc]|witam|hej|"
    r"h[äa]lsningar|kedves|tisztelt|szia|dobr[ýy] den|ahoj|merhaba|selam|sayın|здравствуйте|"
    r"добрый день|привет|доброго дня|вітаю|שלום|היי|مرحبا|السلام عليكم|您好|你好|こんにちは|お世話)"
    r"(?!\w)[^.?]{0,40}$",
    re.IGNORECASE,
)
FOOTER = re.compile(
    r"unsubscribe|reply to this e-?mail|view it on|mailing list|you (?:are )?receiv(?:ed|ing) this|"
    r"abmelden|abbestellen|d[ée]sabonner|desuscribir|cancelar suscripci|disiscri|afmelden|wypisa|"
    r"manage (?:your )?(?:preferences|notifications|subscription)|list-?info|https?://\S*mailman",
    re.IGNORECASE,
)
