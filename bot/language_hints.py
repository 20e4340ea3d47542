"""Letters, words and spellings that tell close languages apart.

Facts of orthography, one line a language; the statistical detectors decide everything else.
"""

from __future__ import annotations

from collections.abc import Mapping

# Unicode blocks by the one word that stands for the script here: (first, last) code points.
SCRIPTS: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x005A, "latin"),
    (0x0061, 0x007A, "latin"),
    (0x00C0, 0x024F, "latin"),
    (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0530, 0x058F, "armenian"),
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x06FF, "arabic"),
    (0x0750, 0x077F, "arabic"),
    (0x0900, 0x097F, "devanagari"),
    (0x0980, 0x09FF, "bengali"),
    (0x0A00, 0x0A7F, "gurmukhi"),
    (0x0A80, 0x0AFF, "gujarati"),
    (0x0B00, 0x0B7F, "oriya"),
    (0x0B80, 0x0BFF, "tamil"),
    (0x0C00, 0x0C7F, "telugu"),
    (0x0C80, 0x0CFF, "kannada"),
    (0x0D00, 0x0D7F, "malayalam"),
    (0x0D80, 0x0DFF, "sinhala"),
    (0x0E00, 0x0E7F, "thai"),
    (0x0E80, 0x0EFF, "lao"),
    (0x1000, 0x109F, "burmese"),
    (0x10A0, 0x10FF, "georgian"),
    (0x1100, 0x11FF, "hangul"),
    (0x1200, 0x139F, "ethiopic"),
    (0x1780, 0x17FF, "khmer"),
    (0x1E00, 0x1EFF, "latin"),
    (0x1F00, 0x1FFF, "greek"),
    (0x3041, 0x309F, "kana"),
    (0x30A1, 0x30FA, "kana"),
    (0x30FC, 0x30FF, "kana"),
    (0x3130, 0x318F, "hangul"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0xAC00, 0xD7AF, "hangul"),
    (0xF900, 0xFAFF, "han"),
    (0xFB1D, 0xFB4F, "hebrew"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFF, "arabic"),
    (0xFF66, 0xFF9D, "kana"),
    (0x20000, 0x2FA1F, "han"),
)

# Which languages a script is written for; the first is the likeliest.
WRITTEN_IN: Mapping[str, tuple[str, ...]] = {
    "greek": ("el",),
    "cyrillic": ("ru", "uk", "bg", "sr", "be", "mk", "kk"),
    "armenian": ("hy",),
    "hebrew": ("he", "yi"),
    "arabic": ("ar", "fa", "ur", "ku"),
    "devanagari": ("hi", "mr", "ne"),
    "bengali": ("bn",),
    "gurmukhi": ("pa",),
    "gujarati": ("gu",),
    "oriya": ("or",),
    "tamil": ("ta",),
    "telugu": ("te",),
    "kannada": ("kn",),
    "malayalam": ("ml",),
    "sinhala": ("si",),
    "thai": ("th",),
    "lao": ("lo",),
    "burmese": ("my",),
    "georgian": ("ka",),
    "hangul": ("ko",),
    "ethiopic": ("am", "ti"),
    "khmer": ("km",),
    "kana": ("ja",),
    "han": ("zh", "ja"),
}

# Letters that a language has and its neighbours in the same script have not.
LETTERS: Mapping[str, str] = {
    "uk": "іїєґ",
    "be": "ўі",
    "ru": "ыэё",
    "bg": "",
    "sr": "ђћљњџј",
    "mk": "ѓќѕјљњџ",
    "kk": "әғқңөұүһ",
    "ar": "ةىيكأإؤ",
    "fa": "پچژگیک",
    "ur": "ٹڈڑےںھہ",
    "ku": "ێۆڕڵە",
    "mr": "ळ",
    "cs": "ěřů",
    "sk": "ľĺŕôä",
    "hr": "ćđ",
    "pl": "łąęśżźń",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "ca": "ŀ·",
    "ro": "ățșţş",
    "hu": "őű",
    "tr": "ğışİ",
    "de": "ß",
    "sv": "äö",
    "da": "æø",
    "no": "æø",
    "is": "þð",
    "et": "õ",
    "vi": "ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    "yi": "ײױװ",
}

# Letters that a language never uses in its own words.
FOREIGN: Mapping[str, str] = {
    "ru": "іїєґўђћљњџјѓќѕ",
    "uk": "ыэёўъ",
    "be": "иїщъґ",
    "bg": "ыэёіїєґўђћљњџј",
    "sr": "ыэёъщіїєґўйья",
    "mk": "ыэёъщіїєґўйьяю",
    "ar": "پچژگیک",
    "fa": "ةيك",
    "no": "äößüõã",
    "da": "äößüõã",
    "sv": "æøßüõã",
    "cs": "ľĺŕôäõ",
    "sk": "ěřů",
    "sl": "ćđ",
    "hr": "ěřľ",
    "es": "çãõàèìòù",
    "pt": "ñ¿¡",
    "ca": "ñãõ¿¡",
    "en": "äöüßñãõåæøłąęśżźőűěřčšžğış",
    "id": "äöüßñãõåæøçšž",
    "ms": "äöüßñãõåæøçšž",
}

# Frequent words that the neighbours spell otherwise or do not have.
WORDS: Mapping[str, str] = {
    "da": "af efter hvad mig dig sig meget nogle nogen noget uge blev bliver nu op ud tak hjælp"
    " endnu mit dit gerne hvornår hvorfor penge jer jeres hende havde været igen hej kunne ned"
    " hvilken ved tilbage ligger først mange siger betale købt ikke er det jeg og til en et på for"
    " tænd sluk lyset skru stue stuen soveværelset åbn luk alle lydstyrken juster",
    "no": "av etter hva meg deg seg mye noen noe uke uken ble blir nå opp ut takk hjelp ennå mitt"
    " ditt gjerne hvorfor penger dere deres henne hadde vært igjen hei ned hvilken ligger tilbake"
    " først mange sier betale kjøpt ikke er det jeg og til en et på for fikk gikk skru slå stua"
    " lyset soverommet åpne lukk alle hvordan været går være får ligger opp salget vei si",
    "nn": "ikkje eg kva korleis kvifor noko nokon nokre dykk vere vore berre mykje frå kvar kjem"
    " hjå heile gjer ho dei desse kven kvat sjå saman difor òg",
    "sv": "och är inte jag mig dig sig att från efter vad hur när varför mycket någon något vecka"
    " nu upp ut tack hjälp ännu mitt ditt gärna pengar ni era hade varit igen hej ned som för på"
    " till det ett en med har han hon kom glad i tänd släck",
    "cs": "jsem jsi jsou není nebo také který která které jak kde pro při byl bylo byla jeho ještě"
    " prosím děkuji protože můj moje objednávka co než podle už mě se je na",
    "sk": "som si sú nie alebo tiež ktorý ktorá ktoré ako kde pre pri bol bolo bola jeho ešte"
    " prosím ďakujem pretože môj moja objednávka čo než podľa už ma sa je na",
    "hr": "što koja koji koje sam bio nije ili ali jer kako gdje kada hvala molim narudžba moja"
    " biti bila su od te već samo još se je na u i",
    "sl": "kaj ki sem bil ni ali pa ker kako kje kdaj hvala prosim naročilo moja biti bila so od"
    " že samo še pri se je na v in",
    "es": "el los las una uno y pero como con para por qué cómo dónde cuándo mi pedido está es"
    " muy del al lo le se no más sin sobre todos la en de encender apagar luz luces abrir cerrar"
    " la pista saltar hola gracias ayuda quiero necesito tengo",
    "pt": "o os as uma um e mas como com para por que onde quando meu minha pedido está é muito"
    " do da dos das ao no na nos nas não mais sem sobre todos em de ligar desligar luz luzes abrir"
    " fechar define temporizador hora horas olá obrigado obrigada ajuda quero preciso tenho você",
    "ca": "el els les una un i però com amb per què on quan meu meva comanda està és molt del al ho"
    " li no més sense sobre tots la en de hola gràcies ajuda vull necessito tinc",
    "gl": "o os as unha un e pero como con para por que onde cando meu miña pedido está é moi do da"
    " dos das ao no na non máis sen sobre",
    "id": "tidak yang dan di ini itu dengan untuk saya anda bisa karena adalah bahwa apa kapan"
    " bagaimana pesanan dari pada ke akan sudah belum mau kamu lampu kamar nyalakan matikan"
    " buat rumah jadi uang kirim mohon apakah sedangkan namun",
    "ms": "tidak yang dan di ini itu dengan untuk saya anda boleh kerana ialah bahawa apa bila"
    " bagaimana pesanan daripada pada ke akan sudah belum mahu awak lampu bilik hidupkan tutup"
    " wang hantar sila adakah manakala tetapi",
    "ru": "и в не на я что с как это по но мы вы он она мой моя где когда почему заказ есть ли"
    " или для все у же бы от из за спасибо пожалуйста включи выключи свет закрой открой переключи",
    "uk": "і в не на я що з як це по але ми ви він вона мій моя де коли чому замовлення є чи або"
    " для усе у же від із за дякую будь ласка увімкни вимкни світло",
    "bg": "и в не на аз че с как това по но ние вие той тя мой моя къде кога защо поръчка е ли или"
    " за все от до са съм благодаря моля включи изключи",
    "be": "і ў не на я што з як гэта па але мы вы ён яна мой мая дзе калі чаму заказ ёсць ці або",
    "sr": "и у не на ја што са како ово по али ми ви он она мој моја где када зашто је или за од су",
    "hi": "है हैं का की के में को से नहीं और यह मैं मेरा मेरी कब क्या कैसे क्यों पर भी था थी हो ही तो",
    "mr": "आहे आहेत चा ची चे मध्ये ला नाही आणि हे मी माझा माझी कधी काय कसे का वर पण होता होती",
    "ne": "छ छन् को मा लाई बाट छैन र यो म मेरो कहिले के कसरी किन पनि थियो",
    "nl": "de het een en maar niet ik mijn is van voor met dat wie waar wanneer bestelling",
    "de": "der die das und aber nicht ich mein ist von für mit dass wer wo wann bestellung ein",
    "en": "the a an and but not i my is of for with that who where when order to in on by please"
    " what how can it are do you this me",
    "fr": "le la les un une et mais pas je mon ma est de du des pour avec que qui où quand commande",
    "it": "il lo la gli le un una e ma non io mio mia è di del della per con che chi dove quando",
    "ro": "și și în nu este un o dar eu meu mea de la pentru cu că cine unde când comanda care",
    "he": "לא של את אני על הוא היא זה עם מה איפה מתי",
    "yi": "איך איז ניט און דער די דאס מיט וואס",
    "ar": "في من على لا أن هذا ما هل أين متى طلبي إلى التي الذي",
    "fa": "در از به که این را با است من چه کجا می های برای",
    "ur": "ہے میں کا کی کے کو سے نہیں اور یہ میرا کیا",
}

# Spellings (regular expressions on the lower-cased text).
SPELLINGS: Mapping[str, str] = {
    "da": r"\w+tion(?:en|er|erne)?\b|\w+hed(?:en|er|erne)?\b|øj|æk\b|\w+ede\b|\w+ernes?\b|\baf|eg\b",
    "no": r"sjon|\w+het(?:en|er|ene)?\b|øy|\bkj|kk\b|tt\b|pp\b|\w+ene\b|\w+eie|\w+ei\b|\bav\w|tisk\b",
    "bg": r"\w{2,}(?:ът|ят|ата|ята|ите|ето|ува)\b|\w+ване\b",
    "ru": r"\w{2,}(?:ться|ение|ость|ый|ий|ой|ть)\b",
    "uk": r"\w{2,}(?:ити|ати|яти|ення|ість|ься)\b",
    "es": r"\w{2,}(?:ción|ciones|dad|ado)\b|ll|ie\w",
    "pt": r"\w{2,}(?:ção|ções|dade|inho|ém)\b|nh|lh|ç",
    "ca": r"\w{2,}(?:ció|cions|tat)\b|l·l|\bl'|\bd'",
    "it": r"\w{2,}(?:zione|zioni|ità|tta)\b|gli|cch|zz",
    "nl": r"ij|aa|\w{2,}(?:heid|tie|lijk|en)\b|sch",
    "cs": r"ou\b|\w{2,}(?:ovat|ání|ení|ého)\b",
    "sk": r"\w{2,}(?:ovať|anie|enie|ého|osti)\b|ia\b",
}

# Characters of today's Japan that Chinese does not write, and the reverse.
JAPANESE_HAN = frozenset(
    "込働峠畑辻枠栃匂塀円気図対発変駅売広実帰関戻検総応黒単戦歳県児様経済済両斎剣険験顕塩仮"
    "価拡覚観歓勧権巻恵掲鶏撃圏倹厳効恒鉱砕雑桜釈収獣縦粛処緒諸叙奨渉焼条状乗浄剰畳縄壌嬢譲醸"
    "粋穂随髄枢瀬斉摂窃専銭践繊禅巣捜挿荘蔵臓続堕択沢担団弾遅鋳庁聴鎮逓鉄転伝闘徳読悩脳覇拝"
    "廃髪抜繁秘浜頻敏払仏辺変弁宝豊満黙訳薬与予余誉揺様謡来頼覧竜隆虜両猟緑塁励霊齢暦歴恋錬炉労郎楼"
    "録湾亜悪圧囲壱隠栄営衛謁駆艶欧殴穏渋潟缶陥顔器偽戯犠旧拠挙虚峡挟郷暁区勲薫径茎渓軽継"
)
SIMPLIFIED = frozenset(
    "们这说为时来国会过对发经给样还进动关实现开长问应电车东两业产务让从书见与专买卖义乐习乡"
    "亏云亚亲仅仓仪价众优伤伦伪传侧债倾儿兑党兰兴养兽内册写军农冯冲决况冻净凉减几凤击创别刘则刚"
    "劝办劳势医华协单卫却厂历压厌县双变叹听启员响园围图团圣坏块坚坛坝处备复够头夹夺奋奖妇妈娱"
    "孙学宁宝宽宾寻导尔尘尝尽层岁岛币师帐带帮干广庄庆库庙废异弃张弹强归当录忆忧怀态总恋恶惊惧"
    "戏战户扑执扩扫扬扰护报担拥择拟换据掷损摄数断无旧显权条杨极构枪标树桥检楼欢欧毁毕气汇汉汤沟没"
    "沪济浓涛润涨温湾湿满滚滤灭灯灵灾点炼热爱爷牵犹独狮猎环疗盐监盖盘确码础离种积称稳穷窍竞笔签简"
    "类红纪纯纳纸级线练组细织终绍结绕绘络绝统继绩绪续维绿缓编缘缩网罗罚职联胜脑脚脸节范药获营虑虽"
    "补装规视觉览订计认讨训议记讲许论设访证评识诉词译试详语误请诸课谁调谈谢谷贝负贡财责货质贩贪"
    "购贵费贺资赏赖赛赞赢赶趋车轨转轮软轻载较辅输边达迁运近还远连迟适选遗邮邻郑酱里钟钢钱铁银错键锁"
    "镇镜门闪闭间闻队阳阴阵阶际陆陈险随隐难雾静韩页顶项顺须顾顿预领频颗题颜额风飞饭饮饰馆马驱验"
    "骑鱼鲜鸟鸡麦黄齐龙龟么后"
)
TRADITIONAL = frozenset(
    "們這說為時來國會過對發經給樣還進動關實現開長問應電車東兩業產務讓從書見與專買賣義樂習鄉"
    "虧雲亞親僅倉儀價眾優傷倫偽傳側債傾兒兌黨蘭興養獸內冊寫軍農馮衝決況凍淨涼減幾鳳擊創別劉則剛"
    "勸辦勞勢醫華協單衛卻廠歷壓厭縣雙變嘆聽啟員響園圍圖團聖壞塊堅壇壩處備復夠頭夾奪奮獎婦媽娛"
    "孫學寧寶寬賓尋導爾塵嘗盡層歲島幣師帳帶幫廣莊慶庫廟廢異棄張彈強歸當錄憶憂懷態總戀惡驚懼"
    "戲戰戶撲執擴掃揚擾護報擔擁擇擬換據擲損攝數斷無舊顯權條楊極構槍標樹橋檢樓歡歐毀畢氣匯漢湯溝沒"
    "滬濟濃濤潤漲溫灣濕滿滾濾滅燈靈災點煉熱愛爺牽猶獨獅獵環療鹽監蓋盤確碼礎離種積稱穩窮竅競筆簽簡"
    "類紅紀純納紙級線練組細織終紹結繞繪絡絕統繼績緒續維綠緩編緣縮網羅罰職聯勝腦腳臉節範藥獲營慮雖"
    "補裝規視覺覽訂計認討訓議記講許論設訪證評識訴詞譯試詳語誤請諸課誰調談謝貝負貢財責貨質販貪"
    "購貴費賀資賞賴賽贊贏趕趨軌轉輪軟輕載較輔輸邊達遷運遠連遲適選遺郵鄰鄭醬裡鐘鋼錢鐵銀錯鍵鎖"
    "鎮鏡門閃閉間聞隊陽陰陣階際陸陳險隨隱難霧靜韓頁頂項順須顧頓預領頻顆題顏額風飛飯飲飾館馬驅驗"
    "騎魚鮮鳥雞麥黃齊龍龜麼後您嗎"
)

# How much more or less often a desk meets a language than its neighbours (natural logarithm).
# Languages that are not named are neither favoured nor held back.
PRIOR: Mapping[str, float] = {
    "es": 0.4,
    "ru": 0.5,
    "de": 0.2,
    "fr": 0.3,
    "be": -1.0,
    "ca": -1.0,
    "eo": -3.0,
    "eu": -2.0,
    "gl": -1.5,
    "is": -1.0,
    "ku": -1.0,
    "kk": -1.0,
    "la": -3.0,
    "mk": -1.0,
    "mr": -1.5,
    "ms": -1.2,
    "ne": -1.5,
    "nn": -1.5,
    "sq": -1.0,
    "sr": -0.7,
    "tl": -1.0,
    "ur": -0.5,
    "yi": -3.0,
    "yo": -3.0,
}
