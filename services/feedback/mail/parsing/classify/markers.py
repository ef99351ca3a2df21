"""What mail servers write, as facts for recognition: each a short piece in lower case, most of several programs.

From the formats that MTAs are known to use beside RFC 3464; a marker alone decides nothing (see bounces).
"""

from typing import Final

RETURNED_STARTS: Final = (
    "content-type: message/rfc822", "content-type: text/rfc822-headers", "content-type: message/partial",
    "received: ", "received:from ", "return-path: ", "return-path:<", "--- message header follows",
    "x-originating-ip: ",
)  # fmt: skip
RETURNED_LINES: Final = (
    "original message follows", "message headers follow", "copy of the message, including all the headers",
    "copy of your message, including all the headers", "copy of the message's headers",
    "below this line is a copy of the message", "below is a copy of the original message",
    "copy of the original message below this line", "header of the original message is following",
    "original mail as follows:", "----- original message -----", "----- message header follows -----",
    "----- unsent message follows -----", "----- no message was collected -----", "------- returned message -------",
    "original message headers:", "en-têtes de message d'origine", "encabezados de mensajes originales",
    "-------original message", "-------original mail info", "included is a copy of the message header",
    "attachment contains the original mail headers", "here is a copy of the first part of the message",
    "unsent message below", "your message reads (in part)",
)  # fmt: skip

DAEMON_LOCAL_PARTS: Final = ("mailer-daemon", "mailer_daemon", "maildaemon", "mdaemon", "mailerdaemon", "double-bounce")
DAEMON_NAMES: Final = (
    "mailer-daemon", "mailer daemon", "mail delivery sys", "mail delivery sub", "mail deliver system",
    "mail delivery service", "internet mail delivery", "content-filter at ", "interscan mss",
    "interscan notification", "courier mail server",
)  # fmt: skip
OFFICE_LOCAL_PARTS: Final = (
    "postmaster", "post_master", "poostmaster", "sysadmin", "root", "no-reply", "noreply", "no_reply", "do-not-reply",
    "donotreply", "mail-daemon", "bounce", "apps", "bounces", "microsoftexchange",
    "virusalert",
)  # fmt: skip
MACHINE_MAILERS: Final = ("surfcontrol", "m-filter", "<smtp32", "mailmarshal", "zoho mail", "amazon workmail")
POSTMASTERS: Final = (
    "postmaster", "post_master", "poostmaster", "system administrator", "microsoft outlook", "microsoft exchange",
    "microsoft exchange server", "microsoftexchange",
)  # fmt: skip
OFFICE_NAMES: Final = (
    "postmaster", "system administrator", "microsoft outlook", "mail system", "mailserver", "mail administrator",
)  # fmt: skip

SUBJECTS: Final = (
    "undeliver", "delivery status", "delivery failure", "delivery_failure", "delivery failed", "delivery fail",
    "delivery has failed", "delivery notification", "delivery report", "delivery problem", "delivery delayed",
    "delivery error", "delivery to the following", "failure delivery", "failed delivery", "failed mail",
    "mail failed", "failure notice", "failed: ", "returned mail", "returned to sender", "returning message to sender",
    "mail delivery", "mail failure", "mail error", "mail system error", "mailsystem error", "error mail",
    "non-delivery", "nondelivery", "non delivery", "could not be delivered", "couldn't be delivered",
    "could not be sent", "can't be delivered", "cannot be delivered", "not be delivered", "not delivered",
    "delayed mail", "message delayed", "message frozen", "message status", "smtp server: errors from",
    "warning: message ", "warning: could not send", "see transcript for details", "[bounce]",
    "error sending your mail", "in forwarding or filtering", "blocked by our bulk email filter", "not member article",
    "are not member", "reject mail ", "fml system error", "loop alert", "loop back warning",
    "spam mail from a spammer is rejected", "message you sent blocked", "message rejected", "unzustellbar",
    "nicht zugestellt", "zustellungsfehler", "zum  übermittlungsstatus", "zum übermittlungsstatus", "non remis",
    "non_remis", "non distribu", "échec de la remise", "échec de remise", "notification d'état de remise",
    "non recapitabile", "mancato recapito", "mancata consegna", "onbestelbaar", "não entregue", "não_entregue",
    "não pôde ser entregue", "falha na entrega", "no se puede entregar", "no entregado", "no se pudo entregar",
    "error de entrega", "estado de la notificaci", "niedostarczalne", "nie dostarczono", "niemożliwe do dostarczenia",
    "nedoručiteľné", "nedoručitelné", "kézbesíthetetlen", "kan inte levereras", "det gick inte att leverera",
    "kan ikke leveres", "olevererbar", "uleverte", "ei voi toimittaa", "teslim edilemedi", "не доставлен",
    "недоставлен", "недоставк", "не может быть доставлен", "配信不能", "配信できません", "配信に失敗",
    "配送できません", "送信できません", "届きませんでした", "未配信", "メッセージを配信", "メッセージを送信",
    "エラーメール", "退信", "未送达", "无法投递", "無法傳遞", "배달되지", "전송 실패",
)  # fmt: skip
"""A subject is compared decoded and in lower case; "Re:" and "Fwd:" before it make it a person's. The
latter half is that of Outlook and Exchange in the language of the server."""

MACHINE_BODIES: Final = (
    "created automatically by mail delivery software", "this is the mail system at host", "hi. this is the",
    "the original message was received at", "transcript of session follows", "permanent fatal errors",
    "had delivery problems", "generated delivery status notification", "this is the dragonfly mail agent",
    "this is the mailer-daemon", "the following message to <", "error message below:", "your mail sent on:",
    "your mail attempted to be delivered on:", "failure reasons", "invalid final delivery userid",
    "mailbox exceeds allowed size", "this report relates to a message you sent", "sent <<< ",
    "did not reach the following recipient", "did not reach some or all of the intended recipients",
    "delivery has failed to these recipients", "trouble delivering your message. full details follow",
    "delivery to the following recipient", "undeliverable to the following", "unable to deliver message to: <",
    "message could not be delivered to mobile",
)  # fmt: skip
"""What only machines say of a failed delivery, in so many words."""

BODIES: Final = (
    "permanent delivery failure", "could not be delivered", "couldn't be delivered", "cannot be delivered",
    "can't be delivered", "was not delivered", "wasn't delivered", "not be delivered", "unable to deliver",
    "failed to deliver", "message could not be sent", "this is a delivery status", "message from the mail delivery",
    "delivery failed", "was undeliverable", "undeliverable to ", "undeliverable message",
    "the message that you sent was undeliverable", "trouble delivering your message", "user unknown", "unknown user",
    "no such user", "is unknown to", "each of the following recipients was rejected", "mailbox is full",
    "a message that you sent", "message delivery has failed", "not a member of this mailing list",
    "has detected a loop condition", "this message has been rejected", "your message was rejected",
    "was automatically rejected", "konnte nicht zugestellt werden", "nicht übermittelt werden",
    "n'a pas pu être remis", "n'a pu être remis", "no se pudo entregar", "no se ha podido entregar",
    "non è stato possibile recapitare", "kon niet worden bezorgd", "não pôde ser entregue",
    "не может быть доставлено", "не удалось доставить", "配信できません", "送信できません", "送信に失敗",
    "届けることができません", "无法投递", "無法傳遞",
)  # fmt: skip
"""What machines say of a failed delivery, and people too."""

FAILURE_FIELDS: Final = ("x-failed-recipients", "x-ahmailid", "x-mx-bounce", "x-ms-embedded-report", "x-bounceio-id")
"""Fields that only mail about failed deliveries has."""
