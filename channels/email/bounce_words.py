"""The words by which mail servers announce failures and say at which step they occurred."""

from __future__ import annotations

import re

ADDRESS = r"[^\s<>()\[\]{}:;,\"'`=|]+@[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
STATUS = re.compile(r"(?<![\d.])([245]\.\d\.\d{1,3}|[245]\.[1-7]\.\d{1,3})(?!\.?\d)")
CODED = re.compile(r"(?<![\d.])([245]\d\d)[ \-]+(?:\(?#?)([245]\.\d{1,2}\.\d{1,3})(?!\.?\d)")
REPLY = re.compile(r"(?:(?<=[\s:;>(\"'#,])|^)([245][0-5]\d)(?:(?=[ \-:,;)])|$)", re.MULTILINE)
DSN_LINE = re.compile(
    r"^(?:final-recipient|original-recipient|action)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
SUBJECT = re.compile(
    r"undeliver(?:ed|able|y)|deliver[ya]?(?:\s+status)?(?:\s+\w+){0,2}\s+(?:fail\w*|notification|"
    r"report|problem|error|delayed|unsuccessful)|mail delivery (?:failed|system|fail|problem|"
    r"subsystem|delayed|error)|fail(?:ure|ed)[ ](?:notice|delivery|notification|mail|of|"
    r"to deliver)|"
    r"return(?:ed|ing)[ ](?:mail|message|to sender|e-?mail)|non[- ]?(?:delivery|remis|recapit)|"
    r"(?:mail|message|e-?mail)[ \w:]{0,30}(?:not delivered|could not be delivered|undelivered|"
    r"returned|bounced|system error)|delivery failure|warning: (?:could not|message|mail)|"
    r"could not send|mail system error|nondeliverable|unable to deliver|"
    r"message (?:you sent )?(?:blocked|delayed|status|delivery)|mail could not|"
    r"failed to (?:deliver|send)|rejected (?:mail|message)|error sending|"
    r"unzustellbar|nicht zugestellt|mail ?fehler|zustellung|non remis|[ée]chec (?:de la )?remise|"
    r"no se (?:puede|pudo|ha podido) entregar|mancata consegna|n[ãa]o (?:foi )?entregue|"
    r"onbestelbaar|"
    r"niet bezorgd|niedostarcz|недоставлен|не доставлено|送信できません|配信不能|配信エラー|"
    r"退信|無法傳遞|无法投递|loop alert|mail delivery status|not member article|loop back warning|"
    r"unix from loop|bulk email filter|nicht (?:zu(?:ge)?stell\w+|ausgeliefert)|"
    r"non recapitabil\w*|impossibile recapitare|nie można dostarczyć|niedor[ęe]cz\w*|"
    r"kan (?:inte|ikke) leveres?\w*|ikke levert|ikke leveret|toimittaminen ep[äa]onnistui|"
    r"nedoru[čc]iteln\w*|k[ée]zbes[íi]thetetlen|teslim edilemedi|iletilemedi|"
    r"n[ãa]o [ée] poss[íi]vel entregar|falha na entrega|entrega fallida|correo no entregado|"
    r"не удается доставить|не удалось доставить|не вдалося доставити|"
    r"配信できませ|お届けできませ|送信エラー|投递失败|投遞失敗|无法送达|無法送達|系统退信|"
    r"배달 ?(?:실패|되지)|반송",
    re.IGNORECASE,
)
DAEMON = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|post[-_.]master|mail-?delivery\w*|mdaemon|"
    r"mailerdaemon|bounce[sd]?|mail\.?system|symantec\w*|no-?reply|microsoftexchange\w*)\b",
    re.IGNORECASE,
)
# Names that only servers use; nobody's shop sends its news from them.
SERVER = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|post[-_.]master|mail-?delivery\w*|mdaemon|"
    r"mailerdaemon)\b",
    re.IGNORECASE,
)
# Where the returned mail begins inside a report that is one plain text.
ORIGINAL = re.compile(
    r"^[ \t>]*(?:-{2,}[ ]*(?:this is a copy of|below this line|original message|returned message|"
    r"the (?:unsent|original|header|message)|unsent message|header|undelivered|enclosed|begin|"
    r"message (?:header|that)|returned|copy of|start of).*|"
    r"-{2,}\s*(?:original|returned|unsent|undelivered)[ -]\S.*|"
    r"(?:the )?(?:text of the )?original (?:message|mail|e-?mail)(?: (?:follows|header|as follows|"
    r"headers?|text)).*|"
    r"(?:here is|this is|below is) (?:a copy of|your|the) (?:the )?(?:first part|original|message|"
    r"returned).*|"
    r"received:[ ](?:from|by|\(qmail).*|return-path:[ ]?<.*|"
    r"(?:message|mail) (?:headers? follow|text follows).*|"
    r"your (?:original )?(?:message|mail) (?:follows|header|is (?:below|included|attached)).*|"
    r"bounced e-?mail:.*)$",
    re.IGNORECASE | re.MULTILINE,
)
TEMPORARY = re.compile(
    r"will (?:retry|keep trying|be retried|continue)|no action is required|still being|delayed|"
    r"not yet been delivered|temporar|warning message only|do not need to resend",
    re.IGNORECASE,
)
RESENT_SUBJECT = re.compile(
    r"\s*(?:re|aw|sv|vs|antw|odp|fwd?|wg|tr|rv|enc|vl|i|r|doorst)\s*:", re.IGNORECASE
)
FEEDBACK = re.compile(
    rb"^(?:feedback-type|original-rcpt-to|original-mail-from|source-ip|reported-domain):",
    re.IGNORECASE | re.MULTILINE,
)
COMPLAINT_SUBJECT = re.compile(r"\s*complaint about message from", re.IGNORECASE)
COMPLAINT_SENDER = re.compile(
    r"^staff@(?:hotmail|outlook)\.com$|@(?:[\w-]+\.)?email-abuse\.amazonses\.com$"
)
ARRIVED = frozenset({"delivered", "relayed", "expanded", "deliverable"})
# At which step of the conversation (RFC 5321) the refusal came, where the report says it.
AFTER_DATA = re.compile(
    r"end of data|>>>\s*(?:DATA|\.)\s|smtp command\s+DATA|after data|in reply to (?:end of )?data|"
    r"\[DATA\]|\(state 1[5-9]\)",
    re.IGNORECASE,
)
AFTER_MAIL = re.compile(
    r"(?:after|in reply to|following|>>>|did not like our)\s+(?:SMTP )?MAIL FROM|\[MAIL_FROM\]|"
    r"(?:but|and) (?:my |the )?sender was rejected|\(state 1[23]\)",
    re.IGNORECASE,
)
AFTER_RCPT = re.compile(
    r"\bRCPT\b|\[RCPT_TO\]|does not like recipient|\(state 14\)|recipients? (?:was|were) refused",
    re.IGNORECASE,
)
# Some servers repeat what they were asked to send; that is not where they refused it.
DETAILS = re.compile(r"^[ \t]*message details:.*", re.IGNORECASE | re.MULTILINE | re.DOTALL)
NAMED_UNKNOWN = re.compile(
    rf"<{ADDRESS}>: user unknown|doesn'?t have an? [\w.]{{1,30}} ?account|"
    r"(?:^|\n)[ \t]*(?:[\w/]*mail\.local|v?deliver\w*|vpopmail|maildrop|procmail|dovecot[\w-]*|"
    r"lmtp)\b",
    re.IGNORECASE,
)
DISABLED = re.compile(
    r"(?:user(?:\(s\))?|account)(?:'?s)? (?:account )?is "
    r"(?:disabled|temporarily limited|suspended)",
    re.IGNORECASE,
)
FIELD_SKIP = re.compile(
    r"^[ \t]*(?:to|from|sender|subject|message[- ]?id|reporting-mta|date|sent|reply-to)[ ]*:.*$",
    re.IGNORECASE | re.MULTILINE,
)
