"""How servers that follow no standard say that ada@uni.example does not exist: headers, text, status code."""

RETURNED = """
    From: answers@liaise.example
    To: ada@uni.example
    Message-ID: <receipt-8@liaise.example>
    Subject: We got your feedback
"""

SERVERS = {
    "qmail": (
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice",
        """Hi. This is the qmail-send program at mx.example.
    I'm afraid I wasn't able to deliver your message to the following addresses.

    <ada@uni.example>:
    Sorry, no mailbox here by that name. (#5.1.1)

    --- Below this line is a copy of the message.
    """,
        "5.1.1",
    ),
    "Exim": (
        "From: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Mail delivery failed\n"
        "X-Failed-Recipients: ada@uni.example\nAuto-Submitted: auto-replied",
        """This message was created automatically by mail delivery software.

      ada@uni.example
        SMTP error from remote mail server after RCPT TO:<ada@uni.example>:
        host mx.uni.example [192.0.2.1]: 550 5.1.1 <ada@uni.example>: User unknown

    ------ This is a copy of the message, including all the headers. ------
    """,
        "5.1.1",
    ),
    "Exchange": (
        "From: System Administrator <postmaster@uni.example>\nSubject: Undeliverable: We got your feedback",
        """Your message

      To:      ada@uni.example
      Subject: We got your feedback

    did not reach the following recipient(s):

    ada@uni.example on Thu, 29 Apr 2021 10:00:00 -0000
        The recipient name is not recognized

    Original message headers:
    """,
        "",
    ),
    "Sendmail": (
        "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>\nSubject: Returned mail: User unknown",
        """   ----- Transcript of session follows -----
    550 5.1.1 <ada@uni.example>... User unknown

       ----- Unsent message follows -----
    """,
        "5.1.1",
    ),
    "IMail": (
        'From: "Postmaster" <postmaster@uni.example>\nSubject: Undeliverable Mail\nX-Mailer: <SMTP32 v8.22>',
        "Unknown user: ada@uni.example\n\n    Original message follows.\n",
        "",
    ),
    "Lotus": (
        "From: postmaster@uni.example\nSubject: Undeliverable message",
        """------- Failure Reasons  --------

    User not listed in public Name & Address Book
    ada@uni.example

    ------- Returned Message --------
    """,
        "",
    ),
    "a mobile operator": (
        "From: no-reply@app.operator.example\nSubject: Notice",
        """Your mail sent on: Thu, 29 Apr 2021 11:04:47 +0900
         Could not be delivered to: <ada@uni.example>
         As the remote domain doesnt exist.

    Content-Type: message/rfc822
    """,
        "",
    ),
    "OpenSMTPD": (
        "From: Postmaster <postmaster@mx.example>\nSubject: Delivery status notification: error",
        """    Hi!

        This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    ada@uni.example: 550 5.1.1 Invalid recipient

        Below is a copy of the original message:
    """,
        "5.1.1",
    ),
    "a filter that names no failure": (
        "From: postmaster@uni.example\nSubject: Undeliverable Mail: We got your feedback\nX-Mailer: MailMarshal",
        """Your message:

       Could not be delivered because of

       550 5.1.1 User unknown

    The following recipients were affected:
        ada@uni.example

    Content-Type: message/rfc822
    """,
        "5.1.1",
    ),
    "a gateway without any field": (
        "From: gateway@uni.example\nSubject: There was an error sending your mail",
        """We had trouble delivering your message. Full details follow:

    SMTP Server <mx.uni.example> rejected recipient <ada@uni.example>
      (Error following RCPT command). It responded: [550 5.1.1 User unknown]

    The attachment contains the original mail headers.
    """,
        "5.1.1",
    ),
    "Gmail": (
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification (Failure)",
        """Delivery to the following recipient failed permanently:

         ada@uni.example

    Technical details of permanent failure:
    DNS Error: Domain name not found

    ----- Original message -----
    """,
        "",
    ),
}
