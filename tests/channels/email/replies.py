"""A generator of replies: how mail programs of the world introduce what they quote.

`INTRODUCTIONS` hold one line (which programs also wrap), `BLOCKS` copied headers. `HELD_OUT` and
`SECOND` were not looked at while the rules were written: of the first 118 of 146 cases were right
at once, of the second 54 of 58.
"""
# ruff: noqa: E501 - samples stay in one piece

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

WHO = "Support Desk"
MAIL = "support@desk.example"

# "client language": the line above a quote whose lines begin with ">".
INTRODUCTIONS = {
    "gmail en": f"On Tue, Mar 3, 2026 at 2:05 PM {WHO} <{MAIL}> wrote:",
    "gmail de": f"Am Di., 3. März 2026 um 14:05 Uhr schrieb {WHO} <{MAIL}>:",
    "gmail fr": f"Le mar. 3 mars 2026 à 14:05, {WHO} <{MAIL}> a écrit :",
    "gmail es": f"El mar, 3 mar 2026 a las 14:05, {WHO} (<{MAIL}>) escribió:",
    "gmail it": f"Il giorno mar 3 mar 2026 alle ore 14:05 {WHO} <{MAIL}> ha scritto:",
    "gmail pt": f"{WHO} <{MAIL}> escreveu no dia terça, 3/03/2026 à(s) 14:05:",
    "gmail br": f"Em ter., 3 de mar. de 2026 às 14:05, {WHO} <{MAIL}> escreveu:",
    "gmail nl": f"Op di 3 mrt 2026 om 14:05 schreef {WHO} <{MAIL}>:",
    "gmail sv": f"Den tis 3 mars 2026 kl 14:05 skrev {WHO} <{MAIL}>:",
    "gmail no": f"tir. 3. mars 2026 kl. 14:05 skrev {WHO} <{MAIL}>:",
    "gmail da": f"Den tirs. 3. mar. 2026 kl. 14.05 skrev {WHO} <{MAIL}>:",
    "gmail fi": f"ti 3. maalisk. 2026 klo 14.05 {WHO} ({MAIL}) kirjoitti:",
    "gmail pl": f"wt., 3 mar 2026 o 14:05 {WHO} <{MAIL}> napisał(a):",
    "gmail cs": f"út 3. 3. 2026 v 14:05 odesílatel {WHO} <{MAIL}> napsal:",
    "gmail sk": f"ut 3. 3. 2026 o 14:05 {WHO} <{MAIL}> napísal(a):",
    "gmail hu": f"{WHO} <{MAIL}> ezt írta (időpont: 2026. márc. 3., K, 14:05):",
    "gmail ro": f"În mar., 3 mar. 2026 la 14:05, {WHO} <{MAIL}> a scris:",
    "gmail ru": f"вт, 3 мар. 2026 г. в 14:05, {WHO} <{MAIL}>:",
    "gmail uk": f"вт, 3 бер. 2026 р. о 14:05 {WHO} <{MAIL}> пише:",
    "gmail bg": f"На вт, 3.03.2026 г. в 14:05 {WHO} <{MAIL}> написа:",
    "gmail tr": f"{WHO} <{MAIL}>, 3 Mar 2026 Sal, 14:05 tarihinde şunu yazdı:",
    "gmail el": f"Στις Τρί 3 Μαρ 2026 στις 2:05 μ.μ., ο/η {WHO} <{MAIL}> έγραψε:",
    "gmail he": f"‫בתאריך יום ג׳, 3 במרץ 2026 ב-14:05 מאת ‪{WHO}‬‏ <‪{MAIL}‬‏>:‬",  # noqa: PLE2502 - as Gmail writes it
    "gmail ar": f"في الثلاثاء، 3 مارس 2026 في 2:05 م تمت كتابة ما يلي بواسطة {WHO} <{MAIL}>:",
    "gmail zh": f"{WHO} <{MAIL}> 于2026年3月3日周二 14:05写道：",
    "gmail tw": f"{WHO} <{MAIL}> 於 2026年3月3日 週二 下午2:05寫道：",
    "gmail ja": f"2026年3月3日(火) 14:05 {WHO} <{MAIL}>:",
    "gmail ko": f"2026년 3월 3일 (화) 오후 2:05, {WHO} <{MAIL}>님이 작성:",
    "gmail vi": f"Vào Th 3, 3 thg 3, 2026 vào lúc 14:05 {WHO} <{MAIL}> đã viết:",
    "gmail id": f"Pada tanggal Sel, 3 Mar 2026 pukul 14.05 {WHO} <{MAIL}> menulis:",
    "gmail hr": f"uto, 3. ožu 2026. u 14:05 {WHO} <{MAIL}> napisao je:",
    "gmail sl": f"V V tor., 3. mar. 2026 ob 14:05 je oseba {WHO} <{MAIL}> napisala:",
    "gmail ca": f"Missatge de {WHO} <{MAIL}> del dia dt., 3 de març 2026 a les 14:05:",
    "apple en": f"On 3 Mar 2026, at 14:05, {WHO} <{MAIL}> wrote:",
    "apple de": f"Am 03.03.2026 um 14:05 schrieb {WHO} <{MAIL}>:",
    "apple fr": f"Le 3 mars 2026 à 14:05, {WHO} <{MAIL}> a écrit :",
    "apple es": f"El 3 mar 2026, a las 14:05, {WHO} <{MAIL}> escribió:",
    "apple it": f"Il giorno 3 mar 2026, alle ore 14:05, {WHO} <{MAIL}> ha scritto:",
    "apple pt": f"No dia 03/03/2026, às 14:05, {WHO} <{MAIL}> escreveu:",
    "apple nl": f"Op 3 mrt. 2026, om 14:05 heeft {WHO} <{MAIL}> het volgende geschreven:",
    "apple sv": f"3 mars 2026 kl. 14:05 skrev {WHO} <{MAIL}>:",
    "apple no": f"3. mar. 2026 kl. 14:05 skrev {WHO} <{MAIL}>:",
    "apple da": f"Den 3. mar. 2026 kl. 14.05 skrev {WHO} <{MAIL}>:",
    "apple fi": f"{WHO} <{MAIL}> kirjoitti 3.3.2026 kello 14.05:",
    "apple pl": f"Wiadomość napisana przez {WHO} <{MAIL}> w dniu 03.03.2026, o godz. 14:05:",
    "apple cs": f"3. 3. 2026 v 14:05, {WHO} <{MAIL}>:",
    "apple hu": f"2026. márc. 3. dátummal, 14:05 időpontban {WHO} <{MAIL}> írta:",
    "apple ru": f"3 марта 2026 г., в 14:05, {WHO} <{MAIL}> написал(а):",
    "apple uk": f"3 бер. 2026 р. о 14:05 {WHO} <{MAIL}> написав(-ла):",
    "apple tr": f"{WHO} <{MAIL}> şunları yazdı (3 Mar 2026 14:05):",
    "apple zh": f"在 2026年3月3日，14:05，{WHO} <{MAIL}> 写道：",
    "apple tw": f"{WHO} <{MAIL}> 於 2026年3月3日 下午2:05 寫道：",
    "apple ja": f"2026/03/03 14:05、{WHO} <{MAIL}>のメール:",
    "apple ko": f"2026. 3. 3. 오후 2:05, {WHO} <{MAIL}> 작성:",
    "apple he": f"ב-3 במרץ 2026, בשעה 14:05, {WHO} <{MAIL}> כתב/ה:",
    "apple ar": f"في ٣ مارس ٢٠٢٦، الساعة ٢:٠٥ م، كتب {WHO} <{MAIL}>:",
    "apple el": f"Στις 3 Μαρ 2026, στις 14:05, ο χρήστης {WHO} <{MAIL}> έγραψε:",
    "apple ro": f"Pe 3 mar. 2026, la 14:05, {WHO} <{MAIL}> a scris:",
    "thunderbird en": f"On 03/03/2026 14:05, {WHO} wrote:",
    "thunderbird de": f"Am 03.03.26 um 14:05 schrieb {WHO}:",
    "thunderbird fr": f"Le 03/03/2026 à 14:05, {WHO} a écrit :",
    "thunderbird es": f"El 3/3/26 a las 14:05, {WHO} escribió:",
    "thunderbird it": f"Il 03/03/2026 14:05, {WHO} ha scritto:",
    "thunderbird pt": f"Às 14:05 de 03/03/2026, {WHO} escreveu:",
    "thunderbird br": f"Em 03/03/2026 14:05, {WHO} escreveu:",
    "thunderbird nl": f"Op 03-03-2026 om 14:05 schreef {WHO}:",
    "thunderbird sv": f"Den 2026-03-03 kl. 14:05, skrev {WHO}:",
    "thunderbird no": f"Den 03.03.2026 14:05, skrev {WHO}:",
    "thunderbird da": f"Den 03-03-2026 kl. 14:05 skrev {WHO}:",
    "thunderbird fi": f"{WHO} kirjoitti 3.3.2026 klo 14.05:",
    "thunderbird pl": f"W dniu 3.03.2026 o 14:05, {WHO} pisze:",
    "thunderbird cs": f"Dne 03. 03. 26 v 14:05 {WHO} napsal(a):",
    "thunderbird hu": f"2026. 03. 03. 14:05 keltezéssel, {WHO} írta:",
    "thunderbird ru": f"03.03.2026 14:05, {WHO} пишет:",
    "thunderbird uk": f"03.03.2026 14:05, {WHO} пише:",
    "thunderbird tr": f"3.03.2026 14:05 tarihinde {WHO} yazdı:",
    "thunderbird ro": f"Pe 03.03.2026 14:05, {WHO} a scris:",
    "thunderbird el": f"Στις 3/3/2026 14:05, ο {WHO} έγραψε:",
    "thunderbird he": f"‫ב-03/03/2026 בשעה 14:05, {WHO} כתב:‬",  # noqa: PLE2502 - as it writes it
    "thunderbird zh": f"在 2026/3/3 14:05, {WHO} 写道:",
    "thunderbird ja": f"On 2026/03/03 14:05, {WHO} wrote:",
    "thunderbird ko": f"2026-03-03 오후 2:05에 {WHO} 이(가) 쓴 글:",
    "yahoo en": f"On Tuesday, March 3, 2026, 2:05:00 PM GMT+1, {WHO} <{MAIL}> wrote:",
    "yahoo de": f"Am Dienstag, 3. März 2026, 14:05:00 MEZ hat {WHO} <{MAIL}> Folgendes geschrieben:",
    "yahoo fr": f"Le mardi 3 mars 2026 à 14:05:00 UTC+1, {WHO} <{MAIL}> a écrit :",
    "yahoo es": f"En martes, 3 de marzo de 2026, 14:05:00 CET, {WHO} <{MAIL}> escribió:",
    "yahoo it": f"Il martedì 3 marzo 2026 alle ore 14:05:00 CET, {WHO} <{MAIL}> ha scritto:",
    "yahoo br": f"Em terça-feira, 3 de março de 2026 14:05:00 BRT, {WHO} <{MAIL}> escreveu:",
    "k9 en": f"On March 3, 2026 2:05:00 PM GMT+01:00, {WHO} <{MAIL}> wrote:",
    "k9 de": f"Am 3. März 2026 14:05:00 MEZ schrieb {WHO} <{MAIL}>:",
    "k9 fr": f'Le 3 mars 2026 14:05:00 GMT+01:00, "{WHO}" <{MAIL}> a écrit :',
    "roundcube en": f"On 2026-03-03 14:05, {WHO} wrote:",
    "roundcube de": f"Am 03.03.2026 14:05, schrieb {WHO}:",
    "roundcube pl": f"W dniu 2026-03-03 14:05, {WHO} napisał(a):",
    "evolution en": f"On Tue, 2026-03-03 at 14:05 +0100, {WHO} wrote:",
    "evolution de": f"Am Dienstag, dem 03.03.2026 um 14:05 +0100 schrieb {WHO}:",
    "proton en": f"On Tuesday, March 3rd, 2026 at 2:05 PM, {WHO} <{MAIL}> wrote:",
    "mailru ru": f"Вторник, 3 марта 2026, 14:05 +03:00 от {WHO} <{MAIL}>:",
    "yandex ru": f'03.03.2026, 14:05, "{WHO}" <{MAIL}>:',
    "netease zh": f'在 2026-03-03 14:05:00，"{WHO}" <{MAIL}> 写道：',
    "airmail en": f"On 3 March 2026 at 14:05:00, {WHO} ({MAIL}) wrote:",
}
# Copied headers above a copy that is not marked; "{c}" stands for a colon.
BLOCKS = {
    "outlook en": f"From: {WHO} <{MAIL}>\nSent: Tuesday, March 3, 2026 2:05 PM\nTo: Anna Berg <anna@example.org>\nSubject: RE: Order 7",
    "outlook de": f"Von: {WHO} <{MAIL}>\nGesendet: Dienstag, 3. März 2026 14:05\nAn: Anna Berg <anna@example.org>\nBetreff: AW: Bestellung 7",
    "outlook fr": f"De : {WHO} <{MAIL}>\nEnvoyé : mardi 3 mars 2026 14:05\nÀ : Anna Berg <anna@example.org>\nObjet : RE: Commande 7",
    "outlook es": f"De: {WHO} <{MAIL}>\nEnviado el: martes, 3 de marzo de 2026 14:05\nPara: Anna Berg <anna@example.org>\nAsunto: RE: Pedido 7",
    "outlook it": f"Da: {WHO} <{MAIL}>\nInviato: martedì 3 marzo 2026 14:05\nA: Anna Berg <anna@example.org>\nOggetto: R: Ordine 7",
    "outlook pt": f"De: {WHO} <{MAIL}>\nEnviada: 3 de março de 2026 14:05\nPara: Anna Berg <anna@example.org>\nAssunto: RE: Pedido 7",
    "outlook br": f"De: {WHO} <{MAIL}>\nEnviada em: terça-feira, 3 de março de 2026 14:05\nPara: Anna Berg <anna@example.org>\nAssunto: RES: Pedido 7",
    "outlook nl": f"Van: {WHO} <{MAIL}>\nVerzonden: dinsdag 3 maart 2026 14:05\nAan: Anna Berg <anna@example.org>\nOnderwerp: RE: Bestelling 7",
    "outlook sv": f"Från: {WHO} <{MAIL}>\nSkickat: den 3 mars 2026 14:05\nTill: Anna Berg <anna@example.org>\nÄmne: SV: Order 7",
    "outlook no": f"Fra: {WHO} <{MAIL}>\nSendt: tirsdag 3. mars 2026 14:05\nTil: Anna Berg <anna@example.org>\nEmne: SV: Ordre 7",
    "outlook da": f"Fra: {WHO} <{MAIL}>\nSendt: 3. marts 2026 14:05\nTil: Anna Berg <anna@example.org>\nEmne: SV: Ordre 7",
    "outlook fi": f"Lähettäjä: {WHO} <{MAIL}>\nLähetetty: tiistai 3. maaliskuuta 2026 14.05\nVastaanottaja: Anna Berg <anna@example.org>\nAihe: VS: Tilaus 7",
    "outlook pl": f"Od: {WHO} <{MAIL}>\nWysłano: wtorek, 3 marca 2026 14:05\nDo: Anna Berg <anna@example.org>\nTemat: ODP: Zamówienie 7",
    "outlook cs": f"Od: {WHO} <{MAIL}>\nOdesláno: úterý 3. března 2026 14:05\nKomu: Anna Berg <anna@example.org>\nPředmět: RE: Objednávka 7",
    "outlook sk": f"Od: {WHO} <{MAIL}>\nOdoslané: utorok 3. marca 2026 14:05\nKomu: Anna Berg <anna@example.org>\nPredmet: RE: Objednávka 7",
    "outlook hu": f"Feladó: {WHO} <{MAIL}>\nElküldve: 2026. március 3., kedd 14:05\nCímzett: Anna Berg <anna@example.org>\nTárgy: RE: Rendelés 7",
    "outlook ro": f"De la: {WHO} <{MAIL}>\nTrimis: marți, 3 martie 2026 14:05\nCătre: Anna Berg <anna@example.org>\nSubiect: RE: Comanda 7",
    "outlook ru": f"От: {WHO} <{MAIL}>\nОтправлено: 3 марта 2026 г. 14:05\nКому: Anna Berg <anna@example.org>\nТема: RE: Заказ 7",
    "outlook uk": f"Від: {WHO} <{MAIL}>\nНадіслано: 3 березня 2026 р. 14:05\nКому: Anna Berg <anna@example.org>\nТема: RE: Замовлення 7",
    "outlook tr": f"Kimden: {WHO} <{MAIL}>\nGönderildi: 3 Mart 2026 Salı 14:05\nKime: Anna Berg <anna@example.org>\nKonu: RE: Sipariş 7",
    "outlook el": f"Από: {WHO} <{MAIL}>\nΣτάλθηκε: Τρίτη, 3 Μαρτίου 2026 2:05 μμ\nΠρος: Anna Berg <anna@example.org>\nΘέμα: RE: Παραγγελία 7",
    "outlook he": f"מאת: {WHO} <{MAIL}>\nנשלח: יום שלישי 3 מרץ 2026 14:05\nאל: Anna Berg <anna@example.org>\nנושא: RE: הזמנה 7",
    "outlook ar": f"من: {WHO} <{MAIL}>\nتم الإرسال: الثلاثاء، 3 مارس 2026 02:05 م\nإلى: Anna Berg <anna@example.org>\nالموضوع: RE: طلب 7",
    "outlook zh": f"发件人: {WHO} <{MAIL}>\n发送时间: 2026年3月3日 14:05\n收件人: Anna Berg <anna@example.org>\n主题: 答复: 订单 7",
    "outlook tw": f"寄件者: {WHO} <{MAIL}>\n寄件日期: 2026年3月3日 下午 02:05\n收件者: Anna Berg <anna@example.org>\n主旨: RE: 訂單 7",
    "outlook ja": f"差出人: {WHO} <{MAIL}>\n送信日時: 2026年3月3日 14:05\n宛先: Anna Berg <anna@example.org>\n件名: RE: 注文 7",
    "outlook ko": f"보낸 사람: {WHO} <{MAIL}>\n보낸 날짜: 2026년 3월 3일 화요일 오후 2:05\n받는 사람: Anna Berg <anna@example.org>\n제목: RE: 주문 7",
    "outlook bold en": f"*From:* {WHO} <{MAIL}>\n*Sent:* Tuesday, March 3, 2026 2:05 PM\n*To:* Anna Berg <anna@example.org>\n*Subject:* RE: Order 7",
    "outlook rule en": f"________________________________\nFrom: {WHO} <{MAIL}>\nSent: 03 March 2026 14:05\nTo: Anna Berg <anna@example.org>\nSubject: Re: Order 7",
    "outlook rule de": f"________________________________\nVon: {WHO} <{MAIL}>\nGesendet: 03 March 2026 14:05\nAn: Anna Berg <anna@example.org>\nBetreff: Re: Bestellung 7",
    "outlook express en": f'----- Original Message ----- \nFrom: "{WHO}" <{MAIL}>\nTo: <anna@example.org>\nSent: Tuesday, March 03, 2026 2:05 PM\nSubject: Order 7',
    "outlook express de": f'----- Original Message ----- \nVon: "{WHO}" <{MAIL}>\nAn: <anna@example.org>\nGesendet: Dienstag, 3. März 2026 14:05\nBetreff: Bestellung 7',
    "outlook old en": f"-----Original Message-----\nFrom: {WHO} [mailto:{MAIL}]\nSent: Tuesday, March 03, 2026 2:05 PM\nTo: 'Anna Berg'\nSubject: Order 7",
    "outlook old de": f"-----Ursprüngliche Nachricht-----\nVon: {WHO} [mailto:{MAIL}]\nGesendet: Dienstag, 3. März 2026 14:05\nAn: 'Anna Berg'\nBetreff: Bestellung 7",
    "outlook old fr": f"-----Message d'origine-----\nDe : {WHO} [mailto:{MAIL}]\nEnvoyé : mardi 3 mars 2026 14:05\nÀ : 'Anna Berg'\nObjet : Commande 7",
    "gmx de": f'Gesendet: Dienstag, 03. März 2026 um 14:05 Uhr\nVon: "{WHO}" <{MAIL}>\nAn: anna@example.org\nBetreff: Aw: Bestellung 7',
    "samsung en": f"-------- Original message --------\nFrom: {WHO} <{MAIL}> \nDate: 03/03/2026  14:05  (GMT+01:00) \nTo: anna@example.org \nSubject: Re: Order 7",
    "samsung de": f"-------- Ursprüngliche Nachricht --------\nVon: {WHO} <{MAIL}> \nDatum: 03.03.26  14:05  (GMT+01:00) \nAn: anna@example.org \nBetreff: Re: Bestellung 7",
    "samsung es": f"-------- Mensaje original --------\nDe: {WHO} <{MAIL}> \nFecha: 3/3/26  14:05  (GMT+01:00) \nPara: anna@example.org \nAsunto: Re: Pedido 7",
    "zimbra en": f'From: "{WHO}" <{MAIL}>\nTo: "anna" <anna@example.org>\nSent: Tuesday, March 3, 2026 2:05:00 PM\nSubject: Re: Order 7',
    "zimbra fr": f'De: "{WHO}" <{MAIL}>\nÀ: "anna" <anna@example.org>\nEnvoyé: Mardi 3 Mars 2026 14:05:00\nObjet: Re: Commande 7',
    "notes en": f"From:\t{WHO}/Berlin/Desk\nTo:\tanna@example.org\nDate:\t03/03/2026 02:05 PM\nSubject:\tRe: Order 7",
    "notes de": f"Von:    {WHO}/Berlin/Desk\nAn:     anna@example.org\nDatum:  03.03.2026 14:05\nBetreff:        Antwort: Bestellung 7",
    "qq zh": f'------------------ 原始邮件 ------------------\n发件人: "{WHO}" <{MAIL}>;\n发送时间: 2026年3月3日(星期二) 下午2:05\n收件人: "anna"<anna@example.org>;\n主题: Re: 订单 7',
    "naver ko": f'-----Original Message-----\nFrom: "{WHO}" <{MAIL}>\nTo: <anna@example.org>;\nCc:\nSent: 2026-03-03 (화) 14:05:00 (GMT+09:00)\nSubject: 주문 7',
}
HELD_OUT_INTRODUCTIONS = {
    "kmail en": f"On Tuesday, 3 March 2026 14:05:00 CET {WHO} wrote:",
    "kmail de": f"Am Dienstag, 3. März 2026, 14:05:00 CET schrieb {WHO}:",
    "mutt en": f"On Tue, Mar 03, 2026 at 02:05:00PM +0100, {WHO} wrote:",
    "gnus en": f"{WHO} <{MAIL}> writes:",
    "horde de": f"Zitat von {WHO} <{MAIL}>:",
    "horde en": f"Quoting {WHO} <{MAIL}>:",
    "fastmail en": f"On Tue, 3 Mar 2026, at 14:05, {WHO} wrote:",
    "tutanota en": f"Mar 3, 2026, 14:05 by {MAIL}:",
    "tutanota de": f"3. März 2026, 14:05 von {MAIL}:",
    "zoho en": f"---- On Tue, 03 Mar 2026 14:05:00 +0100 {WHO} <{MAIL}> wrote ----",
    "notes line de": f"{WHO} <{MAIL}> schrieb am 03.03.2026 14:05:00:",
    "notes line en": f"{WHO} <{MAIL}> wrote on 03/03/2026 02:05:00 PM:",
    "freemail hu": f'"{WHO}" <{MAIL}> írta:',
    "seznam cs": f"---------- Původní e-mail ----------\nOd: {WHO} <{MAIL}>\nKomu: anna@example.org\nDatum: 3. 3. 2026 14:05:00\nPředmět: Objednávka 7",
    "ukrnet uk": f'3 березня 2026, 14:05:00, від "{WHO}" <{MAIL}>:',
    "wp pl": f"Dnia 3 marca 2026 14:05 {WHO} <{MAIL}> napisał(a):",
    "free fr": f"De : {WHO} <{MAIL}>\nEnvoyé le : 3 mars 2026 à 14:05\nA : anna@example.org\nObjet : Re: Commande",
    "libero it": f"Il 3 marzo 2026 alle 14:05 {WHO} <{MAIL}> ha scritto:",
    "ox de": f"> {WHO} <{MAIL}> hat am 03.03.2026 14:05 geschrieben:",
    "ox en": f"> On 03/03/2026 2:05 PM CET {WHO} <{MAIL}> wrote:",
    "becky ja": f"On Tue, 3 Mar 2026 14:05:00 +0900\n{WHO} <{MAIL}> wrote:",
    "tbird ja": f"(2026/03/03 14:05), {WHO} wrote:",
    "alimail zh": "------------------------------------------------------------------\n发件人：" + f"{WHO} <{MAIL}>\n发送时间：2026年3月3日(星期二) 14:05\n收件人：anna <anna@example.org>\n主　题：Re: 订单 7",
}  # fmt: skip
HELD_OUT_BLOCKS = {
    "em client en": f'------ Original Message ------\nFrom "{WHO}" <{MAIL}>\nTo anna@example.org\nDate 3/3/2026 2:05:00 PM\nSubject Re: Order 7',
    "em client de": f'------ Originalnachricht ------\nVon "{WHO}" <{MAIL}>\nAn anna@example.org\nDatum 03.03.2026 14:05:00\nBetreff Re: Bestellung 7',
    "aol en": f"-----Original Message-----\nFrom: {WHO} <{MAIL}>\nTo: anna@example.org\nSent: Tue, Mar 3, 2026 2:05 pm\nSubject: Re: Order 7",
    "proton old en": f"‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Tuesday, March 3rd, 2026 at 2:05 PM, {WHO} <{MAIL}> wrote:",
    "proton en": f"------- Original Message -------\nOn Tuesday, March 3rd, 2026 at 14:05, {WHO} <{MAIL}> wrote:",
    "groupwise en": f">>> {WHO} <{MAIL}> 03/03/26 2:05 PM >>>",
    "date first en": f"Date: Tue, 3 Mar 2026 14:05:00 +0100\nFrom: {MAIL}\nTo: anna@example.org\nSubject: Order 7",
    "blackberry en": f"-----Original Message-----\nFrom: {WHO} <{MAIL}>\nDate: Tue, 3 Mar 2026 14:05:00 \nTo: <anna@example.org>\nReply-To: {MAIL}\nSubject: Order 7",
    "hotmail en": f"Date: Tue, 3 Mar 2026 14:05:00 +0000\nFrom: {MAIL}\nTo: anna@example.org\nSubject: Order 7\n",
    "windows mail de": f"Gesendet von Mail für Windows\n\nVon: {WHO}\nGesendet: Dienstag, 3. März 2026 14:05\nAn: Anna Berg\nBetreff: Bestellung 7",
    "outlook mac en": f"From: {WHO} <{MAIL}>\nDate: Tuesday, 3 March 2026 at 14:05\nTo: Anna Berg <anna@example.org>\nSubject: Re: Order 7",
    "outlook wrapped en": f"From: {WHO} <{MAIL}>\nSent: Tuesday, March 3, 2026 2:05 PM\nTo: Anna Berg <anna@example.org>; Bert Karl <bert@example.org>;\n    Cara Lind <cara@example.org>\nCc: Dora <dora@example.org>\nSubject: RE: Order 7\nImportance: High",
    "please type en": "##- Please type your reply above this line -##",
    "reply above de": "--- Bitte antworten Sie oberhalb dieser Zeile ---",
}
SECOND_INTRODUCTIONS = (
    f"W dniu 3 marca 2026 14:05 użytkownik {WHO} <{MAIL}> napisał:",
    f"Dňa 3.3.2026 o 14:05 {WHO} napísal(a):",
    f"Den 3/3-2026 kl. 14.05 skrev {WHO}:",
    f"Em 03-03-2026 14:05, {WHO} escreveu:",
    f"Il 03-03-2026 14:05 {WHO} ha scritto:",
    f"Am Di, 3. März 2026 um 14:05, {WHO} <{MAIL}> schrieb:",
    f"Mensaje citado por {WHO} <{MAIL}>:",
    f"在 2026年3月3日星期二，{WHO} <{MAIL}> 写道：",
    f"{WHO}於 2026年3月3日 週二，下午2:05寫道：",
    f'Op 3 mrt. 2026 14:05 schreef "{WHO}" <{MAIL}>:',
    f"Le mardi 3 mars 2026, {WHO} <{MAIL}> a écrit :",
    f"2026-03-03 14:05 skrev {WHO}:",
    f"Uto, 3. ožu 2026. u 14:05 {WHO} <{MAIL}> je napisao/la:",
    f"{WHO} <{MAIL}> schreef op 3 mrt. 2026 om 14:05:",
    f"{WHO} <{MAIL}> a écrit :",
    f"* {WHO} <{MAIL}> [2026-03-03 14:05]:",
    f'On Mar 3, 2026 14:05, "{WHO}" <{MAIL}> wrote:',
    f"On 2026-03-03T14:05:00+0100, {WHO} wrote:",
    f"{WHO} napsal dne 3.3.2026 14:05:",
    f"3.3.2026 14.05, {WHO} kirjoitti:",
    f"Στις 3/3/2026 2:05 μ.μ., ο χρήστης {WHO} έγραψε:",
    f"ב־3 במרץ 2026, {WHO} <{MAIL}> כתב:",
    f"On Tue, Mar 3, 2026 at 2:05 PM {WHO} via Desk <{MAIL}> wrote:",
    f"On 3 March 2026 at 14:05 {WHO} <[{MAIL}](mailto:{MAIL})> wrote:",
    f"El martes, 3 de marzo de 2026, {WHO} <{MAIL}> escribió:",
    f"Den tir. 3. mar. 2026 14.05 skrev {WHO} <{MAIL}>:",
    f"Trả lời {WHO} <{MAIL}> lúc 14:05 3/3/2026:",
    f"Am 3. März 2026 um 14:05:00, {WHO} ({MAIL}) schrieb:",
    f"{WHO} ha scritto il 03/03/2026 alle 14:05:",
    f"Den 2026-03-03 14:05, {WHO} skrev:",
    f"On March 3, 2026, {WHO} <{MAIL}> said:",
    f"2026. márc. 3. 14:05, {WHO} <{MAIL}> ezt írta:",
    f"{WHO} kirjoitti ti 3. maaliskuuta 2026 klo 14.05:",
)
SECOND_BLOCKS = (
    f"---- Replied Message ----\n| From | {WHO}<{MAIL}> |\n| Date | 03/03/2026 14:05 |\n| To | anna@example.org |\n| Subject | Re: Order |",
    f"---Original Message Follows---\nFrom: {WHO} <{MAIL}>\nTo: anna\nSubject: x\nDate: Tue",
    f"-----Messaggio originale-----\nDa: {WHO} [mailto:{MAIL}]\nInviato: martedì 3 marzo 2026 14:05\nA: anna\nOggetto: x",
    f'-----原始邮件-----\n发件人:"{WHO}" <{MAIL}>\n发送时间:2026-03-03 14:05:00 (星期二)\n收件人: anna\n主题: x',
    f"From: {WHO} <{MAIL}>\nReply-To: {MAIL}\nDate: Tuesday, March 3, 2026\nTo: anna <anna@example.org>\nSubject: x",
    f"Od: {WHO} <{MAIL}>\nDatum: utorak, 3. ožujka 2026. 14:05\nPrima: anna\nPredmet: x",
    f"Van: {WHO} <{MAIL}>\nDatum: dinsdag 3 maart 2026 om 14:05\nAan: anna\nOnderwerp: x",
    f"Från: {WHO} <{MAIL}>\nDatum: tisdag 3 mars 2026 kl. 14:05\nTill: anna\nÄmne: x",
    f"Lähettäjä: {WHO} <{MAIL}>\nPäiväys: 3.3.2026\nVastaanottaja: anna\nAihe: x",
    f"Von: {WHO} <{MAIL}>\nDatum: Dienstag, 3. März 2026 um 14:05\nAn: anna\nCc: b\nBetreff: x",
    f"De : {WHO} <{MAIL}>\nDate : mardi 3 mars 2026 à 14:05\nÀ : anna\nObjet : x",
    f"من: {WHO} <{MAIL}>\nالتاريخ: ٣ مارس\nإلى: anna\nالموضوع: x",
    f"Kimden: {WHO} <{MAIL}>\nTarih: 3 Mart 2026 Salı 14:05\nKime: anna\nKonu: x",
    f"Expéditeur: {WHO} <{MAIL}>\nDate: 3 mars 2026\nDestinataire: anna\nObjet: x",
    f"Remitente: {WHO} <{MAIL}>\nFecha: 3 mar\nPara: anna\nAsunto: x",
    f"Ursprüngliche Nachricht\nVon: {WHO} <{MAIL}>\nGesendet: 3. März\nAn: anna\nBetreff: x",
    f"________________________________________\nFrom: {WHO} [{MAIL}]\nSent: Tuesday, March 3, 2026 2:05 PM\nTo: anna\nSubject: x",
)
MOBILE = (
    "Sent from my iPhone", "Sent from my iPad", "Sent from my Samsung Galaxy smartphone.", "Sent from Outlook for Android",
    "Sent from Yahoo Mail on Android", "Sent from Mail for Windows", "Get Outlook for iOS", "Sent via the Samsung Galaxy S9",
    "Von meinem iPhone gesendet", "Von meinem Samsung Gerät gesendet.", "Gesendet mit der GMX iPhone App", "Holen Sie sich Outlook für iOS",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.", "Envoyé de mon iPhone", "Envoyé depuis mon appareil mobile Samsung",
    "Envoyé à partir de Outlook pour Android", "Télécharger Outlook pour iOS", "Enviado desde mi iPhone", "Enviado desde Outlook para Android",
    "Enviado do meu iPhone", "Inviato da iPhone", "Inviato dal mio telefono Android", "Verstuurd vanaf mijn iPhone", "Verzonden vanuit Outlook voor iOS",
    "Skickat från min iPhone", "Sendt fra min iPhone", "Sendt fra min iPad", "Lähetetty iPhonesta", "Wysłane z iPhone'a", "Wysłane z mojego iPhone",
    "Odesláno z iPhonu", "Odoslané z iPhonu", "iPhone-omról küldve", "Elküldve az iPhone-omról", "Trimis de pe iPhone-ul meu", "Отправлено с iPhone", "Отправлено с моего iPhone",
    "Надіслано з iPhone", "iPhone'umdan gönderildi", "Στάλθηκε από το iPhone μου", "נשלח מה-iPhone שלי", "أُرسلت من الـ iPhone", "تم الإرسال من iPhone",
    "发自我的iPhone", "從我的 iPhone 傳送", "iPhoneから送信", "나의 iPhone에서 보냄", "Được gửi từ iPhone của tôi", "Dikirim dari iPhone saya", "Изпратено от моя iPhone",
)  # fmt: skip
REPLY = "Thank you, that helps.\n\nCould you send the second parcel on Monday, too?"
COPY = "Hello Anna,\n\nyour parcel left us today. Tracking: 12345.\n\nKind regards\nYour support"


@dataclass(frozen=True, slots=True)
class Case:
    """A mail and what is to be shown of it."""

    name: str
    text: str
    fresh: str
    held_out: bool = False


def quoted(text: str) -> str:
    """As most programs mark it."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _variants(name: str, intro: str, *, held_out: bool) -> Iterator[Case]:
    copy = quoted(COPY)
    yield Case(f"{name}: top", f"{REPLY}\n\n{intro}\n\n{copy}\n", REPLY, held_out)
    yield Case(f"{name}: tight", f"{REPLY}\n{intro}\n{copy}\n", REPLY, held_out)
    signed = f"{REPLY}\n\n-- \nAnna Berg\nMobile +49 170 1\n\n{intro}\n{copy}\n"
    yield Case(f"{name}: signed", signed, REPLY, held_out)
    if not intro.startswith(">"):
        yield Case(f"{name}: bottom", f"{intro}\n{copy}\n\n{REPLY}\n", REPLY, held_out)
    if (
        "\n" in intro
        or intro.startswith(">")
        or (not intro.isascii() and max(map(len, intro.split())) > 30)
    ):
        return
    for width in (72, 50):
        wrapped = "\n".join(
            textwrap.wrap(intro, width, break_on_hyphens=False, break_long_words=False)
        )
        if wrapped != intro:
            yield Case(f"{name}: wrapped {width}", f"{REPLY}\n\n{wrapped}\n\n{copy}\n", REPLY, held_out)  # fmt: skip


def _blocks(name: str, block: str, *, held_out: bool) -> Iterator[Case]:
    yield Case(f"{name}: block", f"{REPLY}\n\n{block}\n\n{COPY}\n", REPLY, held_out)
    yield Case(f"{name}: tight block", f"{REPLY}\n{block}\n{COPY}\n", REPLY, held_out)
    twice = f"{REPLY}\n\n{block}\n\n{COPY}\n\n{block}\n\nI wrote this first.\n"
    yield Case(f"{name}: thread", twice, REPLY, held_out)


def cases() -> Iterator[Case]:
    """Every program in every language in every style."""
    for name, intro in INTRODUCTIONS.items():
        yield from _variants(name, intro, held_out=False)
    for name, intro in HELD_OUT_INTRODUCTIONS.items():
        yield from _variants(name, intro, held_out=True)
    for name, block in BLOCKS.items():
        yield from _blocks(name, block, held_out=False)
    for name, block in HELD_OUT_BLOCKS.items():
        yield from _blocks(name, block, held_out=True)
    for number, intro in enumerate(SECOND_INTRODUCTIONS):
        yield from _variants(f"second {number}", intro, held_out=True)
    for number, block in enumerate(SECOND_BLOCKS):
        yield from _blocks(f"second block {number}", block, held_out=True)
    for line in MOBILE:
        yield Case(f"mobile {line}", f"{REPLY}\n\n{line}\n", REPLY)
        intro = INTRODUCTIONS["gmail en"]
        yield Case(
            f"mobile quoted {line}", f"{REPLY}\n\n{line}\n\n{intro}\n{quoted(COPY)}\n", REPLY
        )
