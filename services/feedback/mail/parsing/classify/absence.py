"""How mail programs and people say in many languages that somebody is away: pieces of regular expressions."""

from typing import Final

ANSWERS: Final = (
    # English
    r"auto(?:mated|matic)?[ -]?(?:reply|response|answer|respond\w{1,3}|generated)", r"auto(?=:)", r"ooo",
    r"out[ -]of[ -](?:the |my )?office(?: auto(?:matic )?-?reply)?", r"vacation (?:reply|notice|message|response)",
    # German, French, Spanish, Portuguese, Italian, Dutch
    r"automatische (?:antwort|rückmeldung|antwoord)",
    r"abwesenheits(?:notiz|meldung|assistent|nachricht|benachrichtigung)\w{0,3}", r"nicht im büro",
    r"réponse automatique(?: d'absence)?", r"absence du bureau", r"message d'absence", r"respuesta automática",
    r"fuera de (?:la )?oficina", r"resposta automática", r"fora do escritório", r"risposta automatica",
    r"fuori (?:sede|ufficio)", r"automatisch antwoord", r"afwezigheids\w{0,8}",
    # the north and the east of Europe
    r"autosvar", r"automatiskt svar", r"automatisk svar", r"frånvaromeddelande", r"poissaoloilmoitus",
    r"automaattinen vastaus", r"odpowiedź automatyczna", r"automatyczna odpowiedź", r"poza biurem",
    r"automatická odpověď", r"mimo kancelář", r"automatická odpoveď", r"automatikus válasz", r"házon kívül",
    r"otomatik (?:yanıt|cevap)", r"ofis dışında", r"răspuns automat", r"αυτόματη απάντηση", r"автоматический ответ",
    r"автоответ", r"вне офиса", r"автоматична відповідь",
    # Asia
    r"自动回复", r"自動回覆", r"自动答复", r"自動返信", r"自動応答", r"不在通知", r"자동 ?회신", r"부재중",
    r"תשובה אוטומטית", r"رد تلقائي", r"ตอบกลับอัตโนมัติ",
)  # fmt: skip
"""What programs put before the subject that they answer."""

SUBJECTS: Final = (
    r"away from (?:the |my )?office", r"on (?:annual |sick |parental )?(?:vacation|leave|holiday)", r"vacation",
    r"abwesen(?:d|heit)\w{0,20}(?: \w{1,12}){0,2}", r"außer haus", r"nicht im haus", r"urlaub\w{0,12}", r"absence",
    r"absente?(?: du bureau)?", r"ausente", r"ausência", r"assenza\w{0,3}", r"afwezig\w{0,8}", r"niet aanwezig",
    r"frånvaro\w{0,12}", r"fraværende?", r"poissa\w{0,10}", r"nieobecno\w{1,4}", r"不在\w{0,10}", r"부재\w{0,6}",
)  # fmt: skip
"""What absent people, and others, write of absence."""

SELVES: Final = (
    r"i am", r"i'm", r"i will", r"i'll", r"we are", r"our office is", r"ich bin", r"wir sind", r"je suis", r"je serai",
    r"nous sommes", r"estoy", r"estaré", r"sono", r"sarò", r"ik ben", r"estou", r"estarei", r"jag är", r"jeg er",
    r"olen", r"jestem", r"jsem", r"я", r"мы",
)  # fmt: skip
STATES: Final = (
    r"out of (?:the |my )?(?:office|town|country)", r"away (?:from|until|on|till)", r"closed (?:from|until|on|for)",
    r"on (?:\w{1,12} )?(?:leave|vacation|holiday)", r"abwesend", r"nicht im (?:büro|haus)", r"nicht erreichbar",
    r"im urlaub", r"außer haus", r"absente?", r"en congés?", r"fuera de", r"ausente", r"de vacaciones", r"fuori",
    r"in ferie", r"assente", r"afwezig", r"met vakantie", r"fora d", r"de férias", r"semester", r"ferie", r"lomalla",
    r"poza biurem", r"na urlopie", r"nieobecn", r"mimo kancelář", r"na dovolené", r"отпуск", r"отсутств",
    r"не в офисе",
)  # fmt: skip
SENTENCES: Final = (
    r"this is an auto", r"automatically generated", r"^\W{0,3}automatic (?:reply|response)\W{0,3}$",
    r"dies ist eine automat",
    r"diese (?:nachricht|e-?mail|antwort) w[iu]rde? [^.\n]{0,20}automat", r"réponse automatique",
    r"respuesta automática", r"risposta automatica", r"automatisch antwoord", r"自動返信", r"自动回复", r"自動回覆",
    r"不在にし", r"不在のため", r"자동 ?회신",
)  # fmt: skip
"""What an absent person or a program says of itself; others write about absence too."""
