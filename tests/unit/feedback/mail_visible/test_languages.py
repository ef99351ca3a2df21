"""An answer above the quoted mail, as programs of many countries write it."""

import pytest

from services.feedback.mail.parsing.visible import visible_text

ANSWER = "The lamp flickers again."
QUOTED = "> Dear Amara,\n> your lamp was repaired.\n>\n> The workshop"
UNQUOTED = "Dear Amara,\n\nyour lamp was repaired.\n\nThe workshop"

ANNOUNCEMENTS = {
    "ar, Apple": "في ٣ مايو ٢٠٢٦ 03/05/2026، كتب Noor <noor@example.org>:",
    "bg, Gmail": "На нд, 3.05.2026 г. в 12:30 Иван <ivan@example.org> написа:",
    "ca, Gmail": "El dg., 3 de maig 2026, 12:30, Jordi <jordi@example.org> va escriure:",
    "cs, Gmail": "ne 3. 5. 2026 v 12:30 odesílatel Jana <jana@example.org> napsal:",
    "cs, Seznam": "Dne 3.5.2026 v 12:30 Jana Nová napsal(a):",
    "da, Gmail": "Den søn. 3. maj 2026 kl. 12.30 skrev Mette <mette@example.org>:",
    "de, Apple": "> Am 03.05.2026 um 12:30 schrieb Werkstatt <werkstatt@example.org>:",
    "de, Gmail wrapped": "Werkstatt im Haus Nord <werkstatt@example.org> schrieb am So., 3. Mai\n2026 um 12:30 Uhr:",
    "de, Thunderbird": "Am 03.05.26 um 12:30 schrieb Werkstatt:",
    "de, formal": "Am 3. Mai 2026 um 12:30 schrieben Sie:",
    "el, Gmail": "Στις Κυρ 3 Μαΐ 2026 στις 12:30 μ.μ., ο χρήστης Νίκος <nikos@example.org> έγραψε:",
    "en, Apple": "On 3 May 2026, at 12:30, Workshop <workshop@example.org> wrote:",
    "en, Gmail wrapped": "On Sun, May 3, 2026 at 12:30 PM Workshop of the House <\nworkshop@example.org> wrote:",
    "en, Lotus Notes": "-----Workshop/North/Example wrote: -----",
    "en, Pine": "On Sun, 3 May 2026, Workshop wrote:",
    "en, Yahoo": "On Sunday, May 3, 2026, 12:30:00 PM GMT+2, Workshop <workshop@example.org> wrote:",
    "en, Zoho": "---- On Sun, 03 May 2026 12:30:00 +0200 Workshop <workshop@example.org> wrote ----",
    "en, mutt": "The Workshop <workshop@example.org> wrote:",
    "en, newsgroup": "In article <1@example.org>, Workshop writes:",
    "en, three lines": "On Sun, May 3, 2026 at 12:30 PM\nWorkshop of the House\n<workshop@example.org> wrote:",
    "es, Gmail": "El dom, 3 may 2026 a las 12:30, Taller (<taller@example.org>) escribió:",
    "fi, Gmail": "su 3. toukok. 2026 klo 12.30 Paja (paja@example.org) kirjoitti:",
    "fr, Gmail": "Le dim. 3 mai 2026 à 12:30, Atelier <atelier@example.org> a écrit :",
    "fr, wrapped": "Le dim. 3 mai 2026 à 12:30, L'atelier de la maison du nord <atelier@example.org> a\nécrit :",
    "he, Gmail": "\u202bבתאריך 3 במאי 2026 ב-12:30 מאת Noa\u200f <\u202anoa@example.org\u202c\u200f>:\u202c",
    "hr, Gmail": "ned, 3. svi 2026. u 12:30 Ana <ana@example.org> napisao je:",
    "hu, Gmail": "Műhely <muhely@example.org> ezt írta (időpont: 2026. máj. 3., V, 12:30):",
    "id, Gmail": "Pada tanggal Min, 3 Mei 2026 pukul 12.30 Budi <budi@example.org> menulis:",
    "it, Gmail": "Il giorno dom 3 mag 2026 alle ore 12:30 Officina <officina@example.org> ha scritto:",
    "ja, Gmail": "2026年5月3日(日) 12:30 工房 <kobo@example.org>:",
    "ja, Apple": "2026/05/03 12:30、工房 <kobo@example.org>のメール:",
    "ko, Gmail": "2026년 5월 3일 (일) 오후 12:30, 공방 <gongbang@example.org>님이 작성:",
    "nl, Apple": "Op 3 mei 2026 om 12:30 heeft Werkplaats <werkplaats@example.org> het volgende geschreven:",
    "nl, Gmail": "Op zo 3 mei 2026 om 12:30 schreef Werkplaats <werkplaats@example.org>:",
    "no, Gmail": "søn. 3. mai 2026 kl. 12:30 skrev Verksted <verksted@example.org>:",
    "no address": "On May 3, Workshop wrote:",
    "no name": "2026-05-03 12:30 GMT+02:00 Workshop <workshop@example.org>:",
    "pl, Gmail": "niedz., 3 maj 2026 o 12:30 Warsztat <warsztat@example.org> napisał(a):",
    "pl, Thunderbird": "W dniu 3.05.2026 o 12:30, Warsztat pisze:",
    "pt, Gmail": "Em dom., 3 de mai. de 2026 às 12:30, Oficina <oficina@example.org> escreveu:",
    "ro, Gmail": "În dum., 3 mai 2026 la 12:30, Atelier <atelier@example.org> a scris:",
    "ru, Gmail": "вс, 3 мая 2026 г. в 12:30, Мастерская <workshop@example.org>:",
    "ru, Yandex": '03.05.2026, 12:30, "Мастерская" <workshop@example.org>:',
    "ru, mail.ru": "Воскресенье, 3 мая 2026, 12:30 +03:00 от Мастерская <workshop@example.org>:",
    "ru, Thunderbird": "03.05.2026 12:30, Мастерская пишет:",
    "sk, Gmail": "ne 3. 5. 2026 o 12:30 Dielňa <dielna@example.org> napísal(a):",
    "sv, Gmail": "Den sön 3 maj 2026 kl 12:30 skrev Verkstad <verkstad@example.org>:",
    "tr, Gmail": "Atölye <atolye@example.org>, 3 May 2026 Paz, 12:30 tarihinde şunu yazdı:",
    "uk, Gmail": "нд, 3 трав. 2026 р. о 12:30 Майстерня <workshop@example.org> пише:",
    "vi, Gmail": "Vào CN, 3 thg 5, 2026 vào lúc 12:30 Xưởng <xuong@example.org> đã viết:",
    "zh, Apple": "在 2026年5月3日,12:30,工坊 <gongfang@example.org> 写道:",
    "zh, Gmail": "工坊 <gongfang@example.org> 于2026年5月3日周日 12:30写道：",
    "zh-TW, Gmail": "工坊 <gongfang@example.org> 於 2026年5月3日 週日 下午12:30寫道：",
}

HEADERS = {
    "cs": "Od: Dílna\nOdesláno: neděle 3. května 2026 12:30\nKomu: Amara\nPředmět: Lampa",
    "da": "Fra: Værksted\nSendt: 3. maj 2026 12:30\nTil: Amara\nEmne: Lampe",
    "de": "Von: Werkstatt <werkstatt@example.org>\nGesendet: Sonntag, 3. Mai 2026 12:30\nAn: Amara\nBetreff: Lampe",
    "en": "From: Workshop <workshop@example.org>\nSent: Sunday, May 3, 2026 12:30 PM\nTo: Amara\nSubject: Lamp",
    "en, bold": "*From:* Workshop\n*Sent:* Sunday, May 3, 2026 12:30 PM\n*To:* Amara\n*Subject:* Lamp",
    "en, folded": "From: Workshop\nSent: 3 May 2026\nTo: Amara; Bo;\n Chidi\nSubject: A lamp that\nflickers\nCc: Dana",
    "en, spaced": "From: Workshop\n\nSent: 3 May 2026\n\nTo: Amara\n\nSubject: Lamp",
    "es": "De: Taller\nEnviado el: domingo, 3 de mayo de 2026 12:30\nPara: Amara\nAsunto: Lámpara",
    "fi": "Lähettäjä: Paja\nLähetetty: 3. toukokuuta 2026 12:30\nVastaanottaja: Amara\nAihe: Lamppu",
    "fr": "De : Atelier\nEnvoyé : dimanche 3 mai 2026 12:30\nÀ : Amara\nObjet : Lampe",
    "it": "Da: Officina\nInviato: domenica 3 maggio 2026 12:30\nA: Amara\nOggetto: Lampada",
    "ja": "差出人: 工房\n送信日時: 2026年5月3日 12:30\n宛先: Amara\n件名: ランプ",
    "ko": "보낸 사람: 공방\n보낸 날짜: 2026년 5월 3일 12:30\n받는 사람: Amara\n제목: 램프",
    "nl": "Van: Werkplaats\nVerzonden: zondag 3 mei 2026 12:30\nAan: Amara\nOnderwerp: Lamp",
    "no": "Fra: Verksted\nSendt: 3. mai 2026 12:30\nTil: Amara\nEmne: Lampe",
    "pl": "Od: Warsztat\nWysłano: niedziela, 3 maja 2026 12:30\nDo: Amara\nTemat: Lampa",
    "pt": "De: Oficina\nEnviada em: domingo, 3 de maio de 2026 12:30\nPara: Amara\nAssunto: Lâmpada",
    "ru": "От: Мастерская\nОтправлено: 3 мая 2026 г. 12:30\nКому: Amara\nТема: Лампа",
    "sv": "Från: Verkstad\nSkickat: den 3 maj 2026 12:30\nTill: Amara\nÄmne: Lampa",
    "tr": "Kimden: Atölye\nGönderildi: 3 Mayıs 2026 12:30\nKime: Amara\nKonu: Lamba",
    "uk": "Від: Майстерня\nНадіслано: 3 травня 2026 р. 12:30\nКому: Amara\nТема: Лампа",
    "zh": "发件人: 工坊\n发送时间: 2026年5月3日 12:30\n收件人: Amara\n主题: 灯",
}

LABELS = (
    "-----Original Message-----",
    "---------- Forwarded message ---------",
    "-----Ursprüngliche Nachricht-----",
    "-------- Weitergeleitete Nachricht --------",
    "-----Message d'origine-----",
    "-----Mensaje original-----",
    "-----Messaggio originale-----",
    "-----Oorspronkelijk bericht-----",
    "-----Mensagem original-----",
    "-----Ursprungligt meddelande-----",
    "-----Opprinnelig melding-----",
    "-----Oprindelig meddelelse-----",
    "-----Alkuperäinen viesti-----",
    "-----Původní zpráva-----",
    "-------- Исходное сообщение --------",
    "------------------ 原始邮件 ------------------",
    "-----元のメッセージ-----",
    "-----원본 메시지-----",
    "-----Orijinal ileti-----",
    "----- Reply message -----",
    "Begin forwarded message:",
    "Début du message transféré :",
    "Anfang der weitergeleiteten Nachricht:",
)

PHONES = (
    "Sent from my iPhone",
    "Sent from Outlook for Android",
    "Get Outlook for iOS",
    "Get [Outlook for iOS](https://example.org/o)",
    "Von meinem iPhone gesendet",
    "Gesendet von meinem Galaxy",
    "Von meinem/meiner Galaxy gesendet",
    "Holen Sie sich Outlook für iOS<https://example.org/o>",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Envoyé de mon iPhone",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Enviado do meu iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Sendt fra min iPhone",
    "Skickat från min iPhone",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Odesláno z iPhonu",
    "Отправлено с iPhone",
    "Надіслано з iPhone",
    "发自我的iPhone",
    "從我的 iPhone 傳送",
    "iPhoneから送信",
    "나의 iPhone에서 보냄",
    "iPhone'umdan gönderildi",
)


@pytest.mark.parametrize("announced", ANNOUNCEMENTS.values(), ids=ANNOUNCEMENTS)
def test_an_announced_quote_below_the_answer_goes(announced: str) -> None:
    assert visible_text(f"{ANSWER}\n\n{announced}\n\n{QUOTED}\n") == ANSWER


@pytest.mark.parametrize("announced", ANNOUNCEMENTS.values(), ids=ANNOUNCEMENTS)
def test_an_answer_below_the_announced_quote_stands_alone(announced: str) -> None:
    assert visible_text(f"{announced}\n{QUOTED}\n\n{ANSWER}\n") == ANSWER


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_a_mail_under_its_headers_goes(headers: str) -> None:
    assert visible_text(f"{ANSWER}\n\n{headers}\n\n{UNQUOTED}\n") == ANSWER
    assert visible_text(f"{ANSWER}\n{'_' * 32}\n{headers}\n\n{UNQUOTED}\n") == ANSWER


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_a_bare_forward_shows_the_mail_it_carries(headers: str) -> None:
    assert visible_text(f"---------- Forwarded message ---------\n{headers}\n\n{UNQUOTED}\n") == UNQUOTED


@pytest.mark.parametrize("label", LABELS)
def test_a_mail_under_its_label_goes(label: str) -> None:
    assert visible_text(f"{ANSWER}\n\n{label}\n\n{UNQUOTED}\n") == ANSWER
    assert visible_text(f"{ANSWER}\n\n{label}\n\n{QUOTED}\n") == ANSWER


@pytest.mark.parametrize("phone", PHONES)
def test_a_phones_advertising_goes(phone: str) -> None:
    assert visible_text(f"{ANSWER}\n\n{phone}\n") == ANSWER
    assert visible_text(f"{ANSWER}\n\n{phone}\n\nOn May 3, 2026, Workshop wrote:\n{QUOTED}\n") == ANSWER
