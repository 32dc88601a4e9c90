"""Signs of abuse, injury or an accused worker in Spanish, of Spain and of America."""

import re

LIKE = {"á": "[aá]", "é": "[eé]", "í": "[ií]", "ó": "[oó]", "ú": "[uú]"}
"""Many leave out the accents."""

WHOM = r"(?:l[aeo]s?|me|nos|te)"
"""Who it was done to, before the verb."""

NO_THING = (
    r"(?!\s(?:tod[oa]s?\s)?(?:el|la|los|las|un|una|unos|unas|su|sus)\s(?:\w+\s)?(?:basura|bolsas?|escobas?|fregona"
    r"|cubos?|papeleras?|contenedor(?:es)?|cajas?|cartones?|ramas"
    r"|escombros?|muebles?|colch(?:ón|ones)|bicicletas?|patinetes?|carritos?|conos?|vallas?|bancos?|calles?"
    r"|aceras?|puertas?"
    r"|suelos?|pisos?|escaleras?|ropa|toallas?|papeles?|hojas|botellas?|latas?|señal(?:es)?)\b)"
)
"""What is left lying or wet is nobody."""

BLOWS = (
    r"peg(?:ó|a|aba|aron|an|ado)|golpe(?:ó|a|aba|aron|an|ado)|empuj(?:ó|a|aba|aron|an|ado)|abofete\w+|cachete(?:ó"
    r"|aron)"
    r"|pellizc\w+|zarande\w+|sacud(?:ió|e|ieron|en)|arrastr(?:ó|aron|an)|agarr(?:ó|aron|a|an)|pate(?:ó|aron)"
    r"|escupi(?:ó|eron)|grit(?:ó|a|aba|aron|an)|insult\w+|am[ea]naz\w+|amarr\w+|atar?on|encerr\w+|manose\w+|desnud\w+"
    r"|mordi(?:ó|eron)|quem(?:ó|aron)|ahog\w+|estrangul\w+|bes(?:ó|aba)|siguió|persigu\w+|grab(?:ó|aba|aron)|filmó"
)
THINGS = (
    r"(?:dinero|plata|efectivo|euros|pesos|joyas?|anillos?|alianza|cartera|monedero|bolso|reloj|cadena|pulsera"
    r"|pendientes|aretes|ahorros|pensión|tarjeta)"
)

PATTERN = (
    rf"\b(?:{WHOM}\s(?:ha\s|han\s|había\s)?(?:{BLOWS})|(?:{BLOWS})\sa\s(?!(?:\w+\s)(?:coches?|carros?|autos?"
    rf"|bicis?|bicicletas?|motos?|farolas?|pared|valla|puerta)\b)(?:mi|un|una|la|los|las|otr[oa]|su|mamá|papá)\b"
    r"|una? (?:bofetada|cachetada|paliza|patada|puñetazo|empujón|tirón|guantazo)|a gritos|levant\w+ la mano"
    rf"|{WHOM}\stocó\s(?:las? |el |l[oa]s? |sus? )?(?:pierna|culo|pecho|nalga|parte|muslo)\w*|toc\w+ a (?:mi|las"
    r"|los|una?) "
    r"(?:hij|niñ|chic|menor|herman)\w+|toquete\w+|manose\w+|indecen\w+|sexual\w*|viol(?:ó|ad[oa]s?|aron|ación)\b"
    r"|violen(?:cia|t[oa]s?)"
    r"|moret(?:ón|ones)|morat(?:ón|ones)|morados? (?:en|por)|llen[oa] de morados|ojo morado|hematomas?"
    r"|cardenal(?:es)?"
    r"|arañazos?|rasguños?|mordiscos?|marcas (?:en|de|por)(?! (?:aceite|neumáticos?|ruedas?|pintura|agua"
    r"|el (?:suelo|piso|asfalto)|la (?:pared|calle|calzada)))"
    r"|golpes (?:en|por)(?! (?:la|el|las|los|una?) (?:puertas?|pared(?:es)?|coches?|ventanas?|vallas?"
    r"|contenedor(?:es)?|persianas?))|herid[oa]s?|lesi(?:ón|ones|onad[oa]s?)"
    r"|fractur(?:as?|ó|ad[oa]s?|aron)\b|quemaduras?"
    r"|se quemó(?! (?:el|la|los|las|un|una) (?:\w+ )?(?:contenedor|foco|motor|cable|poste|transformador|bombilla|basura"
    r"|luz|lámpara|papelera|farola|comida|cuadro)\w*)|escaldad[oa]s?|sangr(?:e|aba|ando|ó)|inconsciente|escaras?"
    r"|úlceras?"
    r"|(?:rompió|roto|rompieron|partió) (?:el|la|un|una|su) (?:brazo|pierna|cadera|muñeca|nariz|tobillo|dedo"
    r"|costilla)"
    r"|deshidratad[oa]s?|desnutrid[oa]s?|pasa(?:n|ba|ndo)? hambre"
    r"|maltrat\w+|malos tratos|(?<!un )abus(?:ó|aron|ador\w*|ad[oa]s?|os)\b"
    r"|abuso (?:sexual|de (?:menores|ancianos|mayores))"
    r"|abusa(?:n|ba)? de (?:ella|él|ellos|los|las|mi)|acos(?:o|a|an|aba|ó|ador\w*)\b|agre(?:dió|den|de|sión|siones"
    r"|siv[oa]s?"
    r"|sor)\b|humill\w+|intimid\w+|chantaj\w+|racis\w+|xenófob\w+|discrimin\w+|negligen\w+"
    r"|borrach[oa]s?|ebri[oa]s?|(?:olía|huele|olor|aliento|apesta\w*) a (?:alcohol|vino|cerveza|ron|licor|trago"
    r"|porro|hierba"
    r"|marihuana|aguardiente)|(?:venía|estaba|manej\w+|iba) (?:tomad|bebid|drogad|colocad)[oa]|drogad[oa]s?"
    r"|(?:(?<!un )rob(?:ó|aron|aba|an|ado)|hurt(?:ó|aron|o))\b|ladr(?:ón|ona|ones)\b|se (?:quedó"
    r"|guardó) (?:con )?(?:el"
    r"|la) (?:vuelto"
    r"|cambio|dinero|plata)"
    rf"|{THINGS}\s(?:\w+\s){{0,4}}(?:desapareci\w+|faltan?\b|esfum\w+|no (?:está|aparece)n?)"
    rf"|(?:desapareci\w+|faltan?)\s(?:\w+\s){{0,3}}{THINGS}\b"
    r"|(?:usó|usa|pidió|pide|tiene|sabe|sacó con) (?:la|su) (?:tarjeta|clave|pin)\b"
    rf"|(?:dej(?:ó|aron|an|ado)|encontr\w+|estaba){NO_THING}\s(?:\w+\s){{0,4}}(?:sol[oa] en|tirad[oa]|encerrad[oa]"
    rf"|atad[oa]"
    r"|amarrad[oa]"
    r"|desnud[oa]|orinad[oa]|mojad[oa]|empapad[oa]|en el (?:suelo|piso))\b"
    r"|encerr(?:ó|aron|ad[oa]s?)|(?:atad|amarrad)[oa]s? (?:a|al|en|con)\b|orinad[oa]s?|en su propi[oa] \w+"
    r"|pañal(?:es)? (?:suci|mojad|empapad|de (?:ayer|anoche))\w*|sin cambiar(?:le|la|lo)? (?:el|de) pañal"
    r"|olvid(?:ó|aron|ad[oa]) (?:a (?:mi|un|una|la|otr[oa])|al (?:niño|abuelo|chico))"
    r"|sobredosis|dobles? dosis|(?:medicación|medicinas?|medicamentos?|pastillas?|insulina|dosis)\s(?:\w+\s){0,2}"
    r"(?:equivocad\w+|erróne\w+|de otr[oa]|cambiad\w+|que no (?:era|eran))|equivoc\w+ (?:de|con) (?:la "
    r"|las )?(?:pastilla"
    r"|medic|dosis)\w*|sedad[oa]s?|la sedan"
    r"|(?:no|sin)\s(?:l[aeo]s?\s)?(?:da|dan|dio|dieron|dar|darle|daban)\s(?:\w+\s){0,2}(?:comer|comida|agua|beber"
    r"|medic\w+|insulina|pastillas?)"
    r"|(?:tienen?|da|le tenía) (?:mucho )?(?:miedo|pánico|terror) (?:a él|a ella|al|de él|de ella|a la|a ese|a esa"
    r"|cuando)"
    r"|le tienen? miedo|(?:vuelve|volvió|llega|llegó|sale|salió)\s(?:\w+\s){0,2}(?:llorando|temblando"
    r"|con (?:marcas|golpes))"
    r"|(?:llora|tiembla) cuando|fotos a (?:mi|las|los|una?) (?:hij|niñ|chic)\w+"
    r"|suicid\w+|quitarse la vida|(?:no quiere|sin ganas de) (?:seguir )?vivir|autolesi\w+|hacerse daño|matarse)"
)

SPANISH = re.compile("".join(LIKE.get(letter, letter) for letter in PATTERN), re.IGNORECASE)
