"""How mail programs announce the mail that follows, by language: data for `attribution`."""

from typing import Final

OPENERS: Final = {
    "bg": ("На",),
    "ca": ("El", "El dia"),
    "cs": ("Dne", "Dňa"),
    "da, no, sv": ("Den", "På", "D."),
    "de": ("Am", "An", "Vom"),
    "el": ("Στις", "Την", "Στο"),
    "en": ("On", "At", "In message", "In article"),
    "es": ("El", "A las", "En"),
    "fr": ("Le",),
    "he": ("בתאריך", "ב-"),
    "hr, sr, sl": ("Dana", "Dne", "U"),
    "id": ("Pada",),
    "it": ("Il", "In data", "Il giorno"),
    "lt, lv, et": ("Kuupäeval",),
    "nl": ("Op",),
    "pl": ("Dnia", "W dniu"),
    "pt": ("Em", "No dia", "A", "Na"),
    "ro": ("În", "Pe", "La", "In data de"),
    "ru": ("В",),
    "uk": ("У",),
    "vi": ("Vào", "Vào lúc"),
    "ar, fa": ("في", "در"),
}
"""The word an announcement begins with, before the date."""

OPENERS_UNSPACED: Final = {"zh": ("在", "于", "於"), "th": ("ในวันที่", "เมื่อ")}
"""The same where no space follows."""

VERBS: Final = {
    "bg": ("написа", "пише"),
    "ca": ("va escriure", "ha escrit"),
    "cs, sk": ("napsal", "napsala", "napsal(a)", "napsal/a", "napísal", "napísala", "napísal(a)", "píše"),
    "da, no": ("skrev", "skreiv", "skrev følgende"),
    "de": ("schrieb", "schrieben Sie", "geschrieben", "schreibt", "hat am", "schrieb folgendes"),
    "el": ("έγραψε", "έγραψες"),
    "en": ("wrote", "writes", "says", "said"),
    "es": ("escribió", "ha escrito"),
    "et": ("kirjutas",),
    "fi": ("kirjoitti",),
    "fr": ("a écrit", "nous a dit", "écrit", "écrivait", "a ecrit"),
    "hr, sr, sl": (
        "napisao je",
        "napisala je",
        "napisao/la je",
        "je napisao",
        "je napisala",
        "je napisal",
        "napisao/la",
    ),
    "hu": ("ezt írta", "írta", "a következőt írta"),
    "id": ("menulis",),
    "is": ("skrifaði",),
    "it": ("ha scritto", "scrive"),
    "lt": ("rašė", "parašė"),
    "lv": ("rakstīja",),
    "nl": ("schreef", "het volgende geschreven", "schreef het volgende"),
    "pl": ("napisał", "napisała", "napisał(a)", "napisał/a", "pisze"),
    "pt": ("escreveu",),
    "ro": ("a scris",),
    "ru": ("написал", "написала", "написал(а)", "написал(-а)", "пишет", "писал", "писал(а)"),
    "sv": ("skrev", "skrev följande"),
    "tr": ("yazdı", "şunu yazdı", "şunları yazdı", "şöyle yazdı"),
    "uk": ("пише", "написав", "написала", "написав(ла)", "написав(-ла)", "писав"),
    "vi": ("đã viết",),
}
"""The word for writing, which ends the announcement or stands before the name."""

SPOKEN: Final = ("says", "said", "pisze", "scrive", "píše", "hat am")
"""Those of them that displays and neighbours do too."""

VERBS_UNSPACED: Final = {
    "ar": ("كتب", "كتبت"),
    "fa": ("نوشت",),
    "he": ("כתב", "כתבה", "מאת"),
    "ja": ("のメール", "は書きました", "が書きました", "のメッセージ", "さんからのメール"),
    "ko": ("님이 작성", "작성", "님이 쓴 글", "썼습니다"),
    "th": ("เขียนว่า", "เขียน"),
    "zh": ("写道", "寫道", "写到", "撰写", "寫"),
}
"""The same in scripts that write it together with the name."""

ON: Final = ("on", "am", "op", "le", "el", "il", "em", "den")
"""The word between writing and date when the name comes first: "Ada wrote on 3 May 2020:"."""
