"""Whether a text may be about abuse, an injury by those who serve, or a worker accused: a safeguarding officer looks.

Recall before precision: what is wrongly held back costs an officer a look and the provider a day, what is wrongly
let through may warn the accused or name a child.
"""

import re

from app.analysis.evidence import Evidence, matches
from app.analysis.safeguarding_ar import ARABIC
from app.analysis.safeguarding_es import SPANISH

WHO = (
    r"(?:carers?|careworkers?|drivers?|workers?|staff|nurses?|helpers?|guards?|stewards?|aides?|assistants?|cleaners?"
    r"|wardens?|escorts?|attendants?|teachers?|tutors?|coach|volunteers?|chaperones?|supervisors?|crew|lads?|man"
    r"|men|woman|he|she"
    r"|they|him|her|them|one)"
)
WHOM = (
    r"(?:me|him|her|them|us|my|our|his|the|a|an|another|one|mum|mam|dad|nan|gran|kids?|child(?:ren)?|someone|somebody"
    r"|people|residents?|patients?|passengers?|boys?|girls?|each)"
)
NEAR = r"[^.!?\n]{0,40}?"
# What is done to these is done to nobody: they are hit, kicked and left lying more often than people. Nothing that
# may hold or carry a person is among them (chair, bed, bath, pram), nor anything that is somebody's own body.
THING = (
    r"(?:brooms?|mops?|buckets?|bins?|bags?|sacks?|wheelie\w*|gates?|doors?|windows?|shutters?|keys?|lights?"
    r"|lamps?|lampposts?"
    r"|rubbish|litter|waste|recycling|trash|garbage|leaves|snow|grit|mud|grass|branch(?:es)?|hedges?|trees?|weeds?"
    r"|trolleys?"
    r"|carts?|hoses?|ladders?|tools?|equipment|cones?|signs?|barriers?|bollards?|railings?|fences?|walls?|posts?"
    r"|poles?"
    r"|kerbs?|curbs?|pavements?|paths?|roads?|streets?|lanes?|verges?|drains?|pipes?|taps?|cables?|wires?|meters?"
    r"|covers?"
    r"|lids?|boxes|box|crates?|parcels?|packages?|bottles?|cans?|glass|stones?|gravel|cars?|vans?|lorry|lorries"
    r"|trucks?"
    r"|bikes?|bicycles?|scooters?|buttons?|brakes?|bells?|horns?|screens?|tickets?|machines?|engines?|balls?"
    r"|bench(?:es)?"
    r"|mirrors?|bumpers?|roofs?|shelters?|toilets?|loos?|park|hall|library|pool|playgrounds?|gardens?|beds? of"
    r"|flower ?beds?"
    r"|information|details|letters?|notes? (?:in|on)|papers?|leaflets?|carpets?|dust|floor|stairs|corridor)"
)
SOMEBODYS = (
    r"(?!\s(?:park )?(?:m[ae]n|lad(?:y|ies|s)?|drivers?|attendants?|keepers?|cleaners?|workers?|boys?"
    r"|girls?|wom[ae]n|persons?|crew))"
)
NO_THING = (
    r"(?!(?:(?:(?:the|a|an|some|another|one|two|three|my|our|his|her|their|its|all|these|those)\s)+(?:[\w-]+\s)?)?"
    rf"{THING}\b{SOMEBODYS})"
)
# What is said of gates, bins and lamp posts as often as of people counts only where it is said of somebody, or where a
# sentence begins with it: "Got locked in."
SOMEBODY = (
    rf"(?:{WHO}|i|you|we|who|mum|mam|mom|mother|dad|father|nan|gran\w*|pop|aunt\w*|uncle|wife|husband|partner|son"
    rf"|daughter"
    r"|brother|sister|niece|nephew|cousin|baby|babies|toddlers?|child(?:ren)?|kids?|boys?|girls?|teen\w*|pupils?"
    r"|people|person"
    r"|residents?|patients?|passengers?|clients?|customers?|neighbours?|friends?|ladies|lady|gentlem[ae]n|someone"
    r"|somebody"
    r"|anyone|everyone|nobody|pensioners?|users?|arms?|hands?|legs?|head|face|name\])"
)
AT_FIRST = r"(?:(?<![^\n])|(?<=[.!?]\s))"
WAS = r"(?:was|were|been|being|got|get)\s(?:\w+ly\s)?"

ENGLISH = re.compile(
    rf"\b(?:{WHO}\s(?:\w+\s){{0,2}}(?:hit|hits|hitting|slapp\w+|smack\w+|punch\w+|kick\w+|push\w+|shov\w+|grabb\w+|"
    rf"drag\w+|shak\w+|shook|beat|beats|beating|pinch\w+|yank\w+|grop\w+|touch\w+|strangl\w+|chok\w+|spat|spit\w*|"
    rf"threat\w+|kiss\w+|restrain\w+|tied|ties)\s{NO_THING}{WHOM}\b"
    rf"|{WAS}(?:slapped|smacked|punched|pushed|shoved|grabbed|dragged|"
    r"shaken|beaten|pinched|groped|assaulted|attacked|molested|harassed|threatened|strangled|restrained|"
    r"spat|manhandled|abused|neglected|bullied|injured|scalded)\b"
    rf"|(?:{SOMEBODY}(?:'\w{{1,3}})?(?:,?\s[\w-]+,?){{0,2}}\s|{AT_FIRST}){WAS}(?:hit|kicked|touched|tied|followed"
    rf"|burned|burnt|locked)\b"
    r"|bruis\w+(?!\s(?:apples?|fruits?|bananas?|pears?|veg\w*))|black eye|finger ?marks?|grip ?marks?|bed ?sores?"
    r"|pressure (?:sore|ulcer)s?|dislocat\w+|fractur(?:es?|ing|ed)\b(?!\s(?:\w+\s)?(?:pipes?|mains?|kerbs?|slabs?"
    r"|glass|screen|post|cover)\b)|"
    r"broken (?:arm|leg|hip|wrist|rib|ribs|bone|nose|finger)|broke (?:her|his|my|their) (?:arm|leg|"
    r"hip|wrist|nose|ankle)|"
    r"stitches|concuss\w+|scald\w*|unconscious|"
    r"abus(?:e|ed|es|ing|ive|er)(?!\s(?:of )?(?:the |our |these )?(?:parking|bays?|permits?|spaces?|system)\b)"
    r"|assault\w*|molest(?:s|ed|ing|er)?|grop(?:e|ed|ing)|rape[ds]?|sexual\w*|"
    r"indecent\w*|inappropriate\w*|"
    r"harass\w*|stalk(?:ed|ing|er|s (?:her|him|them|me|us|my|the girls?|women))|manhandl\w*|mistreat\w*"
    r"|ill[- ]treat\w*|neglect\w*(?!\s(?:of )?(?:the |our )?(?:[\w-]+\s)?(?:parks?|playgrounds?|areas?|corners?"
    r"|streets?|roads?|gardens?|verges?|estates?|buildings?|paths?|squares?)\b)|exploit\w*|"
    r"bull(?:y|ied|ies|ying)|"
    rf"safeguarding|rough (?:with|handling)|handled {NEAR}rough\w*|roughly(?!\s(?:\d|an?\b|one|two|three|half"
    rf"|every|once|twice|at\b|the same|equal))|too rough|"
    r"threaten(?:s|ed|ing)?|blackmail\w*|intimidat\w*|drunk|drinking on|"
    r"smel(?:l|ls|led|ling|t) of (?:drink|alcohol|beer|booze|vodka|whisky|gin|spirits|weed|cannabis)|"
    r"stoned|slurr(?:s|ed|ing)|high on(?! (?:the|a|an|top|that|this|our|each|every|both)\b)|on drugs|"
    r"(?:st(?:eal|ole|olen|eals|ealing)|thief|thieves|theft|pocketed|nicked|robb?ed|helped (?:him|her|"
    r"them)sel(?:f|ves))\b|"
    r"(?:money|cash|purse|wallet|jewell?ery|rings?|cards?|savings|pension|notes?)\s(?:\w+\s){0,3}"
    r"(?:missing|gone|disappeared|vanished)|"
    r"(?:used|using|took|taken|asked for|has|had|knows) (?:her|his|my|mum's|dad's|their) (?:bank|card|pin|debit)|"
    rf"(?:locked|shut|left) {NO_THING}(?!it )"
    r"(?:(?:my|our|his|her|their|an?|the|two|three|some|all) (?:\w+ )?\w+|\[\w+\]|\w+)"
    r" (?:alone )?(?:in(?:side)?(?! (?:a|such a) (?:mess|state))|out|up)\b"
    r"|(?:was|were|been) left (?:in|inside|out|on) (?:the|a|her|his|their) (?:bath|shower|toilet|car|van|bus"
    r"|minibus|rain|cold"
    r"|dark|chair|wheelchair|corridor|hall|yard|garden)"
    rf"|left {NO_THING}{NEAR}(?:on the floor|in (?:her|his|their) own|soaked|soiled|lying|alone|unattended|strapped)|"
    r"(?:her|his|their) own (?:mess|urine|faeces|filth|waste)|"
    r"tied to|strapped (?:to|in)|restrain\w+|over ?dos\w+|wrong (?:dose|medication|tablets|pills|meds|"
    r"insulin)|double dose|"
    r"sedat\w+|starv\w+(?! of (?:funding|funds|money|cash|investment|light))|(?:won't|refus\w+|doesn't|didn't"
    r"|hasn't|not) (?:feed|fed|give (?:him|her|them) (?:food|water))|"
    r"scared of (?:him|her|them|the)|afraid of (?:him|her|them|the)|frightened of|flinch\w*|"
    r"(?:him|her|my|our|the) (?:son|daughter|child|boy|girl|kid)\w* (?:came|comes) home (?:with|crying)|"
    r"(?:swore|swearing|swears|scream\w*|yell\w*|shout\w*) (?:at|in)\b|called (?:me|him|her|us|them|"
    r"my \w+) an? |racis[tm]\w*|"
    r"slur\b|undress\w*|naked(?! (?:wires?|cables?|bulbs?|flames?|eye))|photo\w* (?:of )?(?:her|him|them"
    r"|the (?:child|kid|girl|boy)\w*)\b|film(?:ed|"
    r"ing) (?:her|him|them|us|the)|"
    r"self[- ]harm\w*|suicid\w*|kill (?:him|her|my|them)sel\w+|end it all)\b",
    re.IGNORECASE,
)

CHINESE = re.compile(
    r"虐待|虐|殴打|打人|打了(?!电话|[几两一二三四五六七八九十百0-9]{0,3}[个次遍通回下圈天]|一?[晚上]|好|折|水|卡|针|伞|车|包|票|气|蜡|扫|招呼)|"
    r"打(?:老人|孩子|小孩|娃|我妈|我爸|奶奶|爷爷|学生|病人|我儿子|我女儿|他|她)(?!电话|手机)|(?<!不愿)(?<!没人)(?<!自己)动手(?!修|清|干|打扫|搬|装|拆)|动粗|"
    r"(?<!风)扇(?!子|叶|门|窗|玻璃|形|[大铁木小]门)|耳光|巴掌|掐(?!点|着点|时间|断)|拧(?:老人|孩子|他|她|我|胳膊|耳)|推搡|推倒|推了(?!好几"
    r"|[一二三四五六七八九十几两半0-9]{1,3}[天个周月年]|车|三轮|垃圾)|推我|拖拽|拽|揪|踢(?:了(?!垃圾|桶|门|球|箱)|人|他|她|我|孩子|老人)|踹|"
    r"(?<![没不])骂(?:老人|孩子|我妈|我爸|他|她|我|人|奶奶|爷爷)?|辱骂|侮辱|吼|恐吓|威胁|吓唬|欺负|欺侮|霸凌|歧视|"
    r"性骚扰|骚扰|猥亵|强奸|摸(?:我|她|他|人|女|孩子|腿|手|胸|屁股)|动手动脚|毛手毛脚|脱(?:她|他|孩子|老人)?的?(?:衣服|裤子)|偷拍|尾随|跟踪|"
    r"淤青|瘀青|青一块|紫一块|乌青|青紫|伤痕|指印|手印|掐痕|勒痕|烫伤|烧伤|骨折|摔断|摔伤|受伤|出血|流血|缝了|脑震荡|褥疮|压疮|昏迷|伤口|破了皮|"
    r"绑(?:在|着|住|起)|(?<![一两几成三])捆(?!好|扎)|约束带|(?<!车)锁在|反锁|关在|关小黑屋|关进|不给(?:他|她|老人|孩子|我妈|我爸)?(?:吃|饭|水|喝|药|换)|没给(?:吃|饭"
    r"|水|药|换)|饿(?:着|了)|"
    r"喂错药|发错药|吃错药|给错药|药(?:给|发|喂|打)错|过量|安眠药|镇静|尿(?:湿|了一床|了一身|在床)|屎尿|没换尿|一身尿|"
    r"偷(?!偷|懒|工减料)(?:了|走|拿|东西|钱|老人)?|小偷|(?<!防)盗(?!版)|顺走|钱(?:包)?(?:没了|不见了|少了|丢了)|少了(?:[0-9几两一二三四五六七八九十百千]+)(?:块|元|百"
    r"|千|万)?钱|"
    r"(?:金|银)?(?:戒指|项链|手镯|首饰|存折|银行卡|现金|镯子)[^，。！？]{0,8}(?:没了|不见|少|丢)|银行卡密码|刷了?(?:她|他|老人)的卡|骗(?:老人|钱|走|我妈|我爸|奶奶)|"
    r"喝了?酒|酒气|酒味|醉|酒驾|吸毒|(?:嗑|吸)药|身上有伤|身上[^，。！？]{0,6}(?:伤|青|紫)|(?:孩子|娃|老人|奶奶|爷爷|我妈|我爸)[^，。！？]{0,8}(?:害怕|不敢|哭|吓)|"
    r"自杀|自残|想死|不想活|忽视(?!卫生|环境|居民|我们|群众|问题|投诉|意见|诉求|安全)|遗弃(?!的?(?:自行车|单车|车|家具|垃圾|物))|丢下(?![^，。！？]{0,3}(?:垃圾|烟头|袋"
    r"|杂物))|落在车(?:上|里)|忘在车"
)


PATTERNS = (
    (re.compile(r"[\u3400-\u9fff]"), CHINESE),
    (re.compile(r"[a-z]", re.IGNORECASE), ENGLISH),
    (re.compile(r"[a-z]", re.IGNORECASE), SPANISH),
    (re.compile(r"[ء-ي]"), ARABIC),
)
"""Each with a letter without which it need not be tried."""


def signs_in(redacted: str) -> tuple[Evidence, ...]:
    """The words that make a safeguarding officer look, whichever of the four languages they are in."""
    found: tuple[Evidence, ...] = ()
    for letter, pattern in PATTERNS:
        if letter.search(redacted):
            found += matches(pattern, redacted, "safeguarding")
    return found
