"""Why a mail was refused: words of mail servers to a reason, and reasons to enhanced status codes.

Status codes are those of RFC 3463; the reasons are our own names. Pure.
"""
# ruff: noqa: E501, ISC004 - tables of patterns

from __future__ import annotations

import re

# The recipient's address will never work: stop writing to it.
DEAD_ADDRESS = frozenset({"user_unknown", "host_unknown", "has_moved", "not_accepting"})

# Subject and detail of the status code that stands for a reason when the server gave none.
STATUS_OF = {
    "user_unknown": "1.1",
    "host_unknown": "1.2",
    "has_moved": "1.6",
    "not_accepting": "1.10",
    "mailbox_disabled": "2.1",
    "mailbox_full": "2.2",
    "too_large": "3.4",
    "system_full": "3.1",
    "system_error": "3.0",
    "network_error": "4.0",
    "expired": "4.7",
    "loop": "4.6",
    "too_many": "4.5",
    "syntax": "5.0",
    "content": "6.0",
    "policy": "7.0",
    "relaying": "7.1",
    "rejected": "7.1",
    "filtered": "7.1",
    "blocked": "7.1",
    "spam": "7.1",
    "virus": "7.1",
    "auth_failure": "7.26",
    "no_reverse_dns": "7.25",
}

# The first pattern that fits wins, so the specific ones come before the broad ones.
_PHRASES: tuple[tuple[str, str], ...] = (
    ("mailbox_full", r"mailbox is full"),
    ("expired", r"in the queue too long|queue time|retry time(?:out)? (?:has )?(?:expired|exceeded)"),
    ("too_many", r"too many (?:connections|concurrent|recipients|messages|errors|emails|mails|"
     r"hops this session|invalid)|rate[- ]?limit|(?:sending|message|connection) (?:rate|frequency)|"
     r"throttl|(?:daily|hourly) (?:sending )?(?:quota|limit)|frequency limited|"
     r"max(?:imum)? (?:number of )?(?:connections|recipients)|receiving mail at a rate|"
     r"connection (?:rate )?limit exceeded|exceeded the (?:rate|maximum number)"),
    ("not_accepting", r"null ?mx|does not (?:accept|receive) (?:any )?(?:mail|email|incoming)|"
     r"domain (?:of the recipient )?does not accept|not accept(?:ing)? (?:any )?(?:mail|e-?mail|"
     r"messages) (?:for|at|from you|addressed)|no longer accept|host/domain does not accept|"
     r"doesn'?t accept (?:any )?(?:mail|email)|mail receiving (?:is )?disabled"),
    ("auth_failure", r"\b(?:spf|dkim|dmarc)\b.{0,80}(?:fail|reject|not pass|policy|invalid|"
     r"permerror|"
     r"check|align|none|does not)|(?:fail|reject|violat|not pass|unauthenticated|"
     r"authenticat).{0,80}"
     r"\b(?:spf|dkim|dmarc)\b|unauthenticated (?:e-?mail|mail|sender)|(?:sender|message) "
     r"(?:is )?(?:not authenticated|failed authentication)|"
     r"domain of sender .{0,80}does not designate|"
     r"email rejected per|sender policy framework"),
    ("no_reverse_dns", r"reverse (?:dns|mapping|hostname|lookup|address)|\bptr\b|\brdns\b|"
     r"cannot find "
     r"your (?:reverse )?hostname|no reverse|helo.{0,40}(?:resolve|reject|does not match)|"
     r"ip .{0,40}not resolve|client host.{0,60}cannot find|hostname for (?:ip|your)|"
     r"unresolvable (?:relay )?host|fix reverse|valid (?:reverse )?dns"),
    ("virus", r"\bvirus\b|malware|infected|\beicar\b|dangerous attachment|banned (?:file|"
     r"attachment|"
     r"content)|executable (?:file|attachment)"),
    ("host_unknown", r"\bunknown host\b|no such domain|couldn'?t find any host named"),
    ("user_unknown", r"user[_ -]?(?:is )?unknown|unknown (?:user|recipient|mailbox|local|address|"
     r"email|account|destination|virtual)|no such (?:user|mailbox|recipient|person|address|account|"
     r"local|id|email)|(?:user|recipient|mailbox|account|address|alias|inbox|adresse?e?|"
     r"destinat\w+|"
     r"e?-?mail(?: address| account)?)\b[^.;\n]{0,90}?(?:does ?n[o']t exist|does not exist|unknown|"
     r"not (?:be )?found|not (?:be )?exist|couldn'?t be found|not listed|not recogni[sz]ed|"
     r"not known|"
     r"invalid|is not (?:a )?(?:valid|known|local|registered)|not our customer|"
     r"not present|no longer (?:valid|exist|on server|active|here|available|in use)|inexistente?|"
     r"inconnue?|unbekannt|existiert nicht|n'existe pas|no existe|niet bekend|has been (?:deleted|"
     r"removed|closed|terminated))|(?:invalid|bad|non-?existe\w+|nonexist\w*|undeliverable|"
     r"no valid|"
     r"not a valid) (?:recipient|user|mailbox|destination|address|rcpt|host/user|email|account)|"
     r"(?:mailbox|user|account|recipient|address|addressee|destination)\b[^.\n]{0,30}(?:not found|"
     r"not exist|unavailable or access denied)|not a (?:known|valid|local|registered) (?:user|"
     r"mailbox|recipient|address)|doesn'?t have an? [\w.]{0,30} ?account|"
     r"no (?:account|mailbox|user|recipient)s? (?:by|with|here|found|of that|for)|no mailbox|"
     r"(?:isn'?t|not) a valid [\w ]{0,30}(?:user|account|address|recipient)|"
     r"can'?t find (?:user|recipient|that|mailbox)|unrouteable (?:mail )?address|"
     r"unroutable address|"
     r"recipient name is not recogni[sz]ed|recipientnotfound|resolver\.adr\.(?:ex)?recipnotfound|"
     r"address (?:error|rejected: (?:undeliverable|unknown))|not our customer|user doesn'?t|"
     r"unknown or illegal alias|unknown to address|person at this address|no matches to nameserver|"
     r"this address no longer|dosn't exist|account (?:not|is not) (?:exist|available|found)|"
     r"this user doesn'?t|delivery to the following recipients? failed permanently.{0,20}$"),
    ("has_moved", r"(?:mailbox|user|recipient|address|account) (?:has |is )?(?:moved|changed|"
     r"been replaced)|(?:has|address) (?:moved|changed) to|no longer at this|"
     r"user not local; please"),
    ("mailbox_full", r"(?:mail ?box|inbox|account|user|recipient|storage|mail ?folder|quota|"
     r"message store|disk)\b[^.\n]{0,50}\b(?:is (?:too )?full|full\b|"
     r"over (?:its )?(?:the )?(?:quota|"
     r"disk|limit|storage|size)|exceed\w*|out of (?:storage )?(?:space|quota)|overquota|"
     r"has (?:run out|reached|no (?:free )?space)|insufficient)|"
     r"(?:over|exceed\w*|out of)[\s_-]*(?:\w+ ){0,4}(?:quota|storage|disk (?:space|usage|quota)|"
     r"mailbox size|space)|quota[\s_-]*(?:is )?(?:exceeded|full|violation|reached)|overquota|"
     r"not enough (?:storage|disk|space)|insufficient (?:disk|quota|storage|system storage|space)|"
     r"mailbox (?:size )?limit|exceededquota|boite pleine|voll\b|mailfolder is full|"
     r"would (?:exceed|be over) (?:the )?(?:mailbox|quota)|(?:account|user) is (?:over|using)|"
     r"delivery failed: over|too much mail data|full mailbox"),
    ("mailbox_disabled", r"(?:mail ?box|account|user|recipient|address|inbox|e-?mail)\b[^.\n]{0,60}"
     r"\b(?:disabled|suspend\w*|inactiv\w*|not active|blocked|locked|deactivated|closed|frozen|"
     r"temporarily unavailable|unavailable|restricted|expired|not activated|dormant|on hold|"
     r"discontinued)|(?:disabled|inactive|suspended|deactivated|locked) (?:user|account|mailbox|"
     r"recipient|due|email)|not receiving mail|user has left|invalid/inactive|account disabled"),
    ("host_unknown", r"(?:host|domain|mx|server|site|system|"
     r"exchanger)s?\b[^.\n]{0,60}(?:not (?:be )?"
     r"found|unknown|does ?n[o']t exist|not exist|non-?existent|can'?t be (?:found|resolved)|"
     r"invalid|lookup fail|not resolv)|unknown (?:host|domain|mail host)|(?:no such|invalid|bad) "
     r"(?:host|domain)|no (?:mx|a) record|nxdomain|non-?existent (?:host|domain)|"
     r"name or service not known|name service error|couldn'?t find any host|illegal host|"
     r"unrouteable (?:mail )?domain|no valid (?:hosts|mx)|not found: 3\(nxdomain\)|"
     r"name server loop|domain (?:is )?not reachable|unable to (?:find|resolve)|dns (?:error|"
     r"query)[^.\n]{0,60}(?:not exist|not "
     r"found|nonexist|no such)|recipient address.{0,30}domain not found"),
    ("loop", r"mail(?:ing)?[ -]?loop|loops? back|too many hops|hop count|routing loop|"
     r"loop (?:detected|alert|count|was found)|forwarding loop|duplicated message"),
    ("too_large", r"(?:message|mail|e-?mail|attachment|content|data|header)s?\b[^.\n]{0,40}(?:too "
     r"(?:large|big|long)|size (?:exceed|limit|too)|exceed\w*[^.\n]{0,30}(?:size|limit|maximum))|"
     r"(?:size|length) (?:limit )?exceed|exceed\w*[^.\n]{0,40}(?:message|maximum|max|fixed|header) "
     r"?(?:mail |message )?size|max(?:imum)? (?:message |mail )?size|too (?:large|big) (?:message|"
     r"for)|exceeds size limit|line (?:is )?too long|toobig"),
    ("spam", r"\bspam\b|spammy|junk ?mail|unsolicited|\bube\b|\buce\b|bulk (?:mail|e-?mail)|"
     r"spam(?:assassin|cop|haus|detect)|looks like spam|content (?:reject|filter|blocked)|"
     r"blocked (?:by|for|as) (?:spam|content)|identified as (?:spam|bulk)|high on spam|"
     r"message (?:looks|appears|seems)|bayes"),
    ("relaying", r"relay(?:ing)? (?:access )?(?:is )?(?:denied|not (?:permitted|allowed)|"
     r"prohibited|"
     r"operation|forbidden)|(?:not|unable|cannot|won'?t|don'?t) (?:permitted |"
     r"allowed )?(?:to )?relay|"
     r"(?:mail )?relay(?:ing)? (?:not|attempt|lookup)|not (?:an )?(?:open relay|authori[sz]ed to "
     r"relay)|isn'?t in my list of allowed|relaying (?:to|through|mail)|we do not relay|"
     r"email address is not verified|authenticat\w+ (?:is )?required"),
    ("blocked", r"(?:ip|client|host|sender|address|server|network|connection)\b[^.\n]{0,70}(?:block"
     r"|black|listed|banned|denied|refused|reputation|reject|deny)|(?:black|block)[ -]?list|"
     r"\brbl\b|"
     r"\bdnsbl\b|reputation|(?:access|connection|permission) (?:is )?(?:denied|refused|rejected|"
     r"blocked)|not (?:allowed|permitted|authori[sz]ed) (?:to )?(?:send|connect|from)|banned|"
     r"grey-?list|gr[ae]y ?list|poor sender|bad sender|service not available|"
     r"you are not allowed|suspicious|refused to (?:talk|accept)|from your (?:ip|server)"),
    ("expired", r"envelope expired|(?:delivery|retry) (?:time|timeout|"
     r"period)[^.\n]{0,30}(?:expired|exceeded)|"
     r"(?:could not|couldn'?t|unable to) be delivered (?:for|within|in)|"
     r"not (?:been )?delivered (?:within|for|after)|retry timeout|giving up|delivery (?:has )?"
     r"(?:been )?(?:expired|delayed)|(?:message|mail) (?:has )?(?:expired|been in the queue)|"
     r"too (?:old|long)\b|in the queue too long|queue (?:time )?(?:expired|too long|lifetime)|"
     r"too many (?:failed )?(?:attempts|delivery attempts|retries)|will keep trying|"
     r"(?:connection|operation|session|it) timed? ?out|time ?out|timed out|"
     r"was not able to connect|couldn'?t (?:establish|connect|deliver)|not responding|"
     r"all (?:hosts|servers)|delivery temporarily suspended|warning: could not send|"
     r"unable to deliver .{0,30}(?:hours|days)|delivery (?:attempts? )?(?:is )?delayed"),
    ("network_error", r"connection (?:reset|refused|was dropped|lost|closed|died|failed|error)|"
     r"no route|network (?:is )?(?:unreachable|error|problem)|(?:host|server) (?:is )?(?:un"
     r"reachable|down|not reachable)|unreachable|(?:tls|ssl)\b[^.\n]{0,60}(?:fail|error|required|"
     r"handshake)|starttls|lost connection|broken pipe|dns (?:server|lookup|error|failure|timeout)|"
     r"mx (?:lookup|record)|lookup (?:fail|error)|couldn'?t connect|could not connect|"
     r"cannot connect|i/o error|bad address|no hosts? available"),
    ("syntax", r"syntax error|bad (?:command|sequence)|command (?:not|un)|protocol error|"
     r"must (?:issue|send)|invalid (?:parameter|argument)|unimplemented|unrecogni[sz]ed command|"
     r"helo (?:first|required)|out of sequence"),
    ("content", r"rfc ?[25]?822|rfc ?5322|not (?:rfc )?compliant|(?:missing|duplicate|invalid|"
     r"multiple|"
     r"malformed)[^.\n]{0,30}(?:header|message-?id|from|date|field)|8-?bit|character set|"
     r"(?:message|mail|body|content|attachment)\b[^.\n]{0,40}(?:format|content|type|unacceptable|"
     r"not (?:accepted|allowed|permitted)|improper)|mime|cannot (?:be )?(?:convert|encode)"),
    ("rejected", r"sender\b[^.\n]{0,60}(?:reject|denied|invalid|not exist|verif|refus|not accept|"
     r"unknown|could not)|(?:invalid|bad|unknown|unverified) sender|from address|"
     r"mail from\b[^.\n]{0,40}(?:reject|denied|not)|postmaster@|not a member|members? (?:only|may|"
     r"can)|may not exist, or you may not have permission|not have permission|"
     r"only (?:allowed|approved|authenticated) senders|domain of sender"),
    ("system_full", r"(?:system|server|disk|device)\b[^.\n]{0,30}(?:full|no space)|no space left"),
    ("filtered", r"recipient\b[^.\n]{0,50}(?:reject|refus|denied|not accept)|(?:address|user|"
     r"mailbox|"
     r"account)\b[^.\n]{0,40}(?:reject|refus|denied|not accept|blocked|unavailable)|"
     r"administrat\w+ prohib|filter|(?:mail|message|delivery|transaction)\b[^.\n]{0,30}(?:reject|"
     r"refus|den(?:y|ied)|not (?:accept|allow|permit)|block|fail)|rejected"),
    ("policy", r"polic(?:y|ies)|security|violat|prohibit|forbidden|not permitted|not allowed"),
    ("system_error", r"(?:system|server|local|internal|configuration|software|mailer|processing|"
     r"program|pipe to|pipe|temporary|unexpected|fatal|unknown|queue|service|can(?:no|"
     r"')t open)\b[^.\n]{0,40}"
     r"(?:error|fail|problem|trouble|unavailable|exit|unexpected)|try again|temporarily|"
     r"no such file|pipe to \||(?:resources|out of memory)|requested action|mail server|"
     r"command (?:died|failed|line)"),
)  # fmt: skip
# "[^.\\n]" above stands for "within the sentence": a dot inside a name or a host does not end one.
_WITHIN = r"(?:[^.]|\.(?! ))"
_PATTERNS = tuple(
    (reason, re.compile(re.sub(r"\[\^\.;?\\n\]", lambda _: _WITHIN, pattern), re.IGNORECASE))
    for reason, pattern in _PHRASES
)
_MAX_CHARS = 4000
_LOCKED = re.compile(
    r"(?:is|been|account|user) (?:disabled|suspended|locked|deactivated)", re.IGNORECASE
)
# Codes of single providers and servers, which say more than the words around them.
_PROVIDERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern))
    for reason, pattern in (
        # Orange and La Poste: three digits after the server's name
        ("user_unknown", r"\b(?:LPN|OFR|OUK)\d{0,3}[-_]?41[68]\b"),
        ("mailbox_full", r"\b(?:LPN|OFR|OUK)\d{0,3}[-_]?417\b"),
        ("mailbox_disabled", r"\b(?:LPN|OFR|OUK)\d{0,3}[-_]?42[06]\b"),
        ("rejected", r"\b(?:LPN|OFR|OUK)\d{0,3}[-_]?(?:403|405|415|421)\b"),
        # Exchange 5.5 to 2003: MAPI codes
        ("user_unknown", r"\(000C05A6\)"),
        ("filtered", r"\(000C0595\)"),
        ("loop", r"\(00120270\)"),
        ("content", r"\((?:00050311|000502CC)\)"),
        # Cox
        ("no_reverse_dns", r"AUP#CXDNS"),
        ("auth_failure", r"AUP#CXSNDR"),
        ("blocked", r"AUP#(?:CXBL|CDRBL|IPBL)"),
        ("too_many", r"AUP#(?:CXCNCT|CXMXRT)"),
        ("spam", r"AUP#URLBL"),
        # Exim's own words, without a reply code
        ("not_accepting", r"(?i)an MX or SRV record indicated no SMTP service|"
         r"no host found for existing SMTP connection"),
        ("host_unknown", r"(?i)all host address lookups failed permanently"),
        # qmail: at which greeting it failed
        ("blocked", r"but my name was rejected|but greeting failed"),
        ("rejected", r"but sender was rejected"),
    )
)  # fmt: skip

# Enhanced codes that say precisely what happened, whatever the words beside them.
_BY_STATUS = {
    "1.1": "user_unknown", "1.0": "filtered", "1.2": "host_unknown", "1.3": "user_unknown",
    "1.6": "has_moved", "1.8": "rejected", "1.7": "rejected", "1.9": "filtered",
    "1.10": "not_accepting", "1.351": "filtered", "7.27": "rejected", "2.1": "mailbox_disabled", "2.2": "mailbox_full",
    "2.3": "too_large", "2.4": "filtered", "3.1": "system_full", "3.2": "system_error",
    "3.4": "too_large", "3.5": "system_error", "4.0": "network_error", "4.1": "expired",
    "4.2": "network_error", "4.3": "network_error", "4.4": "host_unknown", "4.5": "too_many",
    "4.6": "loop", "4.7": "expired", "4.14": "network_error", "5.1": "syntax", "5.2": "syntax",
    "5.3": "too_many", "5.4": "system_error", "6.0": "content", "7.0": "policy", "7.1": "filtered",
    "7.7": "content", "7.9": "auth_failure", "7.20": "auth_failure", "7.21": "auth_failure",
    "7.22": "auth_failure", "7.23": "auth_failure", "7.24": "auth_failure",
    "7.25": "no_reverse_dns", "7.26": "auth_failure", "7.28": "too_many", "7.509": "auth_failure",
}  # fmt: skip
# These say enough by themselves; words such as "mailbox unavailable" beside them say less.
_PRECISE = frozenset({"1.1", "1.2", "1.6", "1.10", "2.2", "7.26", "7.25", "7.509", "1.3", "1.351"})


def reason_of(text: str, status: str | None = None) -> str:
    """Our name for what the server says; "" when nothing is recognised."""
    detail = (status or "").partition(".")[2]
    sample = re.sub(r"\s+", " ", text[:_MAX_CHARS])
    for reason, pattern in _PROVIDERS:
        if pattern.search(sample):
            return reason
    if detail in _PRECISE:
        return _overruled(sample) if detail == "1.1" else _BY_STATUS[detail]
    for reason, pattern in _PATTERNS:
        if pattern.search(sample):
            return reason
    return _BY_STATUS.get(detail, "")


def _overruled(sample: str) -> str:
    """What x.1.1 stands for: some servers also use it for mailboxes that exist."""
    fits = {reason for reason, pattern in _PATTERNS if pattern.search(sample)}
    if "user_unknown" in fits:
        return "user_unknown"
    if _LOCKED.search(sample):
        return "mailbox_disabled"
    other = ("mailbox_full", "relaying", "has_moved")
    return next((reason for reason in other if reason in fits), "user_unknown")


def status_for(reason: str, reply_code: str, *, temporary: bool = False) -> str:
    """The enhanced status for a reason, when the report has none of its own."""
    said = reply_code[:1] if reply_code[:1] in ("4", "5") else ""
    kind = said or ("4" if temporary else "5")
    return f"{kind}.{STATUS_OF.get(reason, '0.0')}"
