# SPDX-License-Identifier: Apache-2.0
"""The dialogs that are held with Ringpost, Postfix and Dovecot alike: what a client sends, and how many replies end a
step. A step that is a text is one line with one reply."""
from __future__ import annotations

import base64
import dataclasses

TARO, JIRO = "taro@office-b.example", "jiro@office-b.example"
SECRETS = {TARO: "taro-secret", JIRO: "jiro-secret"}
SIZE_LIMIT = 1 << 20


@dataclasses.dataclass(frozen=True)
class Step:
    octets: bytes
    replies: int = 1


@dataclasses.dataclass(frozen=True)
class Dialog:
    name: str
    steps: tuple[Step, ...]


def dialog(name: str, *steps: str | bytes | Step) -> Dialog:
    def step(each: str | bytes | Step) -> Step:
        if isinstance(each, Step):
            return each
        return Step((each.encode() if isinstance(each, str) else each) + b"\r\n")

    return Dialog(name, tuple(map(step, steps)))


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PLAIN = b64(f"\0{JIRO}\0{SECRETS[JIRO]}")
HELO = "EHLO client.example"
FROM = "MAIL FROM:<somebody@elsewhere.example>"
TO = f"RCPT TO:<{TARO}>"
OPEN = (HELO, FROM, TO, "DATA")
MAIL = "From: somebody@elsewhere.example\r\nSubject: dialog\r\n\r\n"


def body(octets: str | bytes, replies: int = 1) -> Step:
    return Step(octets.encode() if isinstance(octets, str) else octets, replies)


def data(name: str, octets: str | bytes, *after: str) -> Dialog:
    text = octets.encode() if isinstance(octets, str) else octets
    return dialog(name, *OPEN, body(MAIL.encode() + text), *after)


SMTP = [
    # --- beginning
    dialog("quit at once", "QUIT"),
    dialog("helo", "HELO client.example", "QUIT"),
    dialog("ehlo", HELO, "QUIT"),
    dialog("ehlo twice", HELO, HELO, "QUIT"),
    dialog("ehlo without a name", "EHLO", "QUIT"),
    dialog("ehlo of an address literal", "EHLO [127.0.0.1]", "QUIT"),
    dialog("ehlo of an IPv6 literal", "EHLO [IPv6:::1]", "QUIT"),
    dialog("ehlo of what is no domain", "EHLO !client!", "QUIT"),
    dialog("small letters", "ehlo client.example", "mail from:<a@elsewhere.example>", f"rcpt to:<{TARO}>", "rset", "quit"),
    dialog("an empty line", "", HELO, "QUIT"),
    dialog("an unknown command", "HELLO client.example", "QUIT"),
    dialog("twenty unknown commands", *["XYZZY"] * 20),
    dialog("noop with an argument", "NOOP now", "QUIT"),
    dialog("rset with an argument", "RSET now", "QUIT"),
    dialog("quit with an argument", "QUIT now"),
    dialog("blanks at the end", "NOOP  ", HELO + " ", "QUIT "),
    dialog("vrfy of a user", HELO, f"VRFY {TARO}", "QUIT"),
    dialog("vrfy of nobody", HELO, "VRFY nobody@office-b.example", "QUIT"),
    dialog("vrfy without a name", HELO, "VRFY", "QUIT"),
    dialog("expn", HELO, "EXPN staff", "QUIT"),
    dialog("help", HELO, "HELP", "QUIT"),
    dialog("turn and send", HELO, "TURN", "SEND FROM:<a@b.example>", "QUIT"),
    dialog("bdat without chunking", HELO, "BDAT 5 LAST", "QUIT"),
    dialog("a line of 1000 octets", HELO, "NOOP " + "x" * 1000, "QUIT"),
    dialog("a line of 100,000 octets", HELO, "NOOP " + "x" * 100_000),
    dialog("eight bits in a command", HELO, b"NOOP \xff\xfe", "QUIT"),
    dialog("a NUL in a command", HELO, b"NO\0OP", "QUIT"),
    dialog("a line that ends in LF", body(b"EHLO client.example\n"), "QUIT"),
    # --- order
    dialog("mail before ehlo", FROM, "QUIT"),
    dialog("rcpt before mail", HELO, TO, "QUIT"),
    dialog("data before mail", HELO, "DATA", "QUIT"),
    dialog("data before rcpt", HELO, FROM, "DATA", "QUIT"),
    dialog("mail twice", HELO, FROM, FROM, TO, "QUIT"),
    dialog("rset ends a transaction", HELO, FROM, TO, "RSET", "DATA", "QUIT"),
    dialog("ehlo ends a transaction", HELO, FROM, TO, HELO, "DATA", "QUIT"),
    dialog("data after refused recipients", HELO, FROM, "RCPT TO:<nobody@office-b.example>", "DATA", "QUIT"),
    dialog("two mails", *OPEN, body(MAIL + ".\r\n"), FROM, TO, "DATA", body(MAIL + ".\r\n"), "QUIT"),
    dialog("data with an argument", HELO, FROM, TO, "DATA now", "QUIT"),
    # --- paths
    dialog("the null sender", HELO, "MAIL FROM:<>", TO, "QUIT"),
    dialog("a blank before the path", HELO, "MAIL FROM: <a@elsewhere.example>", f"RCPT TO: <{TARO}>", "QUIT"),
    dialog("a path without brackets", HELO, "MAIL FROM:a@elsewhere.example", f"RCPT TO:{TARO}", "QUIT"),
    dialog("a path without domain", HELO, "MAIL FROM:<a>", TO, "QUIT"),
    dialog("mail without a path", HELO, "MAIL", "MAIL FROM", "MAIL FROM:", "QUIT"),
    dialog("mail to", HELO, "MAIL TO:<a@elsewhere.example>", "QUIT"),
    dialog("an unclosed bracket", HELO, "MAIL FROM:<a@elsewhere.example", "QUIT"),
    dialog("a source route", HELO, FROM, f"RCPT TO:<@a.example,@b.example:{TARO}>", "QUIT"),
    dialog("a quoted local part", HELO, 'MAIL FROM:<"a b"@elsewhere.example>', f'RCPT TO:<"taro"@office-b.example>', "QUIT"),
    dialog("two at signs", HELO, "MAIL FROM:<a@b@elsewhere.example>", "QUIT"),
    dialog("two dots", HELO, "MAIL FROM:<a..b@elsewhere.example>", TO, "QUIT"),
    dialog("an address literal", HELO, "MAIL FROM:<a@[192.0.2.1]>", TO, "QUIT"),
    dialog("a long local part", HELO, "MAIL FROM:<" + "a" * 65 + "@elsewhere.example>", TO, "QUIT"),
    dialog("a long address", HELO, "MAIL FROM:<a@" + "b." * 300 + "example>", "QUIT"),
    dialog("beyond ASCII without smtputf8", HELO, "MAIL FROM:<é@elsewhere.example>", "QUIT"),
    dialog("postmaster without domain", HELO, FROM, "RCPT TO:<postmaster>", "QUIT"),
    dialog("postmaster", HELO, FROM, "RCPT TO:<Postmaster@office-b.example>", "QUIT"),
    dialog("capitals in the recipient", HELO, FROM, "RCPT TO:<TARO@OFFICE-B.EXAMPLE>", "QUIT"),
    dialog("an unknown recipient", HELO, FROM, "RCPT TO:<nobody@office-b.example>", TO, "QUIT"),
    dialog("relaying for a stranger", HELO, FROM, "RCPT TO:<a@elsewhere.example>", "QUIT"),
    dialog("the percent hack", HELO, FROM, "RCPT TO:<a%elsewhere.example@office-b.example>", "QUIT"),
    dialog("the bang path", HELO, FROM, "RCPT TO:<elsewhere.example!a>", "QUIT"),
    dialog("a recipient twice", HELO, FROM, TO, TO, "QUIT"),
    dialog("101 recipients", HELO, FROM, *[TO] * 101, "QUIT"),
    # --- parameters
    dialog("size", HELO, FROM + " SIZE=1000", TO, "QUIT"),
    dialog("size beyond the limit", HELO, FROM + f" SIZE={SIZE_LIMIT + 1}", "QUIT"),
    dialog("size that is no number", HELO, FROM + " SIZE=large", "QUIT"),
    dialog("body=8bitmime", HELO, FROM + " BODY=8BITMIME", TO, "QUIT"),
    dialog("body=7bit", HELO, FROM + " BODY=7BIT", TO, "QUIT"),
    dialog("body of another kind", HELO, FROM + " BODY=9BIT", "QUIT"),
    dialog("an unknown parameter", HELO, FROM + " COLOUR=red", "QUIT"),
    dialog("a parameter twice", HELO, FROM + " SIZE=10 SIZE=10", "QUIT"),
    dialog("parameters after helo", "HELO client.example", FROM + " SIZE=10", "QUIT"),
    dialog("dsn", HELO, FROM + " RET=HDRS ENVID=a+2Bb", TO + f" NOTIFY=SUCCESS,DELAY ORCPT=rfc822;{TARO}", "QUIT"),
    dialog("dsn that contradicts itself", HELO, FROM, TO + " NOTIFY=NEVER,SUCCESS", "QUIT"),
    dialog("dsn with a bad word", HELO, FROM + " RET=ALL", FROM, TO + " NOTIFY=ALWAYS", "QUIT"),
    dialog("dsn twice", HELO, FROM + " RET=FULL RET=FULL", "QUIT"),
    dialog("auth=<> of mail", HELO, FROM + " AUTH=<>", "QUIT"),
    # --- the mail
    data("a mail", "text\r\n.\r\n", "QUIT"),
    data("a mail without body", ".\r\n", "QUIT"),
    dialog("nothing at all", *OPEN, body(".\r\n"), "QUIT"),
    data("dots", "..\r\n...\r\n.. x\r\n.\r\n", "QUIT"),
    data("eight bits", b"\xe5\xa4\xaa\r\n.\r\n", "QUIT"),
    data("a line of 5000 octets", "y" * 5000 + "\r\n.\r\n", "QUIT"),
    data("larger than the limit", ("y" * 98 + "\r\n") * (SIZE_LIMIT // 100 + 1) + ".\r\n", "QUIT"),
    data("bare LF", "one\ntwo\r\n.\r\n", "QUIT"),
    data("bare CR", "one\rtwo\r\n.\r\n", "QUIT"),
    data("LF.LF", "one\n.\ntwo\r\n.\r\n", "QUIT"),
    data("LF.CRLF", "one\n.\r\ntwo\r\n.\r\n"),
    data("CRLF.LF", "one\r\n.\ntwo\r\n.\r\n"),
    data("CR.CRLF", "one\r.\r\ntwo\r\n.\r\n", "QUIT"),
    data("a NUL", b"one\0two\r\n.\r\n", "QUIT"),
    dialog("101 Received fields", *OPEN, body(
        "Received: from a.example by b.example; Thu, 20 Nov 2026 10:00:00 +0000\r\n" * 101 + MAIL + ".\r\n"), "QUIT"),
    # --- pipelining (RFC 2920)
    dialog("pipelined envelope", HELO, body(f"{FROM}\r\n{TO}\r\nDATA\r\n", 3), body(MAIL + ".\r\n"), "QUIT"),
    dialog("pipelined with a refused recipient", HELO,
           body(f"{FROM}\r\nRCPT TO:<nobody@office-b.example>\r\n{TO}\r\nDATA\r\n", 4), body(MAIL + ".\r\n"), "QUIT"),
    dialog("pipelined rset and noop", HELO, body(f"{FROM}\r\nRSET\r\nNOOP\r\nQUIT\r\n", 4)),
    dialog("mail and quit together", *OPEN, body(MAIL + ".\r\nQUIT\r\n", 2)),
    # --- AUTH
    dialog("auth before ehlo", f"AUTH PLAIN {PLAIN}", "QUIT"),
    dialog("auth plain", HELO, f"AUTH PLAIN {PLAIN}", "QUIT"),
    dialog("auth plain in two steps", HELO, "AUTH PLAIN", PLAIN, "QUIT"),
    dialog("auth login", HELO, "AUTH LOGIN", b64(JIRO), b64(SECRETS[JIRO]), "QUIT"),
    dialog("auth that is cancelled", HELO, "AUTH PLAIN", "*", "QUIT"),
    dialog("auth that is no base64", HELO, "AUTH PLAIN ====", "QUIT"),
    dialog("auth by an unknown mechanism", HELO, "AUTH CRAM-MD4", "QUIT"),
    dialog("auth without a mechanism", HELO, "AUTH", "QUIT"),
    dialog("auth twice", HELO, f"AUTH PLAIN {PLAIN}", f"AUTH PLAIN {PLAIN}", "QUIT"),
    dialog("auth within a transaction", HELO, FROM, f"AUTH PLAIN {PLAIN}", "QUIT"),
    dialog("relaying for a user", HELO, f"AUTH PLAIN {PLAIN}", f"MAIL FROM:<{JIRO}>", "RCPT TO:<a@elsewhere.example>",
           "QUIT"),
    dialog("another's name as sender", HELO, f"AUTH PLAIN {PLAIN}", f"MAIL FROM:<{TARO}>", TO, "QUIT"),
    dialog("auth with a wrong secret", HELO, "AUTH PLAIN " + b64(f"\0{JIRO}\0wrong"), "QUIT"),
]

USER, PASS = f"USER {TARO}", f"PASS {SECRETS[TARO]}"
LOGIN = (USER, PASS)
POP3 = [
    dialog("quit at once", "QUIT"),
    dialog("capa before login", "CAPA", "QUIT"),
    dialog("user and pass", *LOGIN, "QUIT"),
    dialog("a wrong secret", f"USER {JIRO}", "PASS wrong", "QUIT"),
    dialog("an unknown user", "USER nobody@office-b.example", "PASS wrong", "QUIT"),
    dialog("pass before user", PASS, "QUIT"),
    dialog("user without a name", "USER", "QUIT"),
    dialog("pass without a secret", f"USER {JIRO}", "PASS", "QUIT"),
    dialog("user twice", USER, USER, PASS, "QUIT"),
    dialog("stat before login", "STAT", "QUIT"),
    dialog("list before login", "LIST", "QUIT"),
    dialog("retr before login", "RETR 1", "QUIT"),
    dialog("noop before login", "NOOP", "QUIT"),
    dialog("an empty line", "", "QUIT"),
    dialog("an unknown command", "XYZZY", "QUIT"),
    dialog("an unknown command after login", *LOGIN, "XYZZY", "QUIT"),
    dialog("small letters", USER.replace("USER", "user"), PASS.replace("PASS", "pass"), "stat", "quit"),
    dialog("apop", "APOP taro 0123456789abcdef0123456789abcdef", "QUIT"),
    dialog("auth plain", "AUTH PLAIN " + b64(f"\0{TARO}\0{SECRETS[TARO]}"), "STAT", "QUIT"),
    dialog("auth plain in two steps", "AUTH PLAIN", b64(f"\0{TARO}\0{SECRETS[TARO]}"), "STAT", "QUIT"),
    dialog("auth that is cancelled", "AUTH PLAIN", "*", *LOGIN, "QUIT"),
    dialog("auth that is no base64", "AUTH PLAIN ====", *LOGIN, "QUIT"),
    dialog("auth by an unknown mechanism", "AUTH CRAM-MD4", "QUIT"),
    dialog("auth alone", "AUTH", "QUIT"),
    dialog("capa after login", *LOGIN, "CAPA", "QUIT"),
    dialog("user after login", *LOGIN, USER, "QUIT"),
    dialog("stat", *LOGIN, "STAT", "QUIT"),
    dialog("list", *LOGIN, "LIST", "QUIT"),
    dialog("list of one", *LOGIN, "LIST 1", "QUIT"),
    dialog("list of none", *LOGIN, "LIST 99", "QUIT"),
    dialog("list of zero", *LOGIN, "LIST 0", "QUIT"),
    dialog("list of no number", *LOGIN, "LIST one", "QUIT"),
    dialog("list of a negative number", *LOGIN, "LIST -1", "QUIT"),
    dialog("list of an endless number", *LOGIN, "LIST 18446744073709551617", "QUIT"),
    dialog("list of two", *LOGIN, "LIST 1 2", "QUIT"),
    dialog("uidl", *LOGIN, "UIDL", "QUIT"),
    dialog("uidl of one", *LOGIN, "UIDL 2", "QUIT"),
    dialog("uidl of none", *LOGIN, "UIDL 99", "QUIT"),
    dialog("retr", *LOGIN, "RETR 1", "QUIT"),
    dialog("retr of dots", *LOGIN, "RETR 2", "QUIT"),
    dialog("retr of none", *LOGIN, "RETR 99", "QUIT"),
    dialog("retr without a number", *LOGIN, "RETR", "QUIT"),
    dialog("retr of two", *LOGIN, "RETR 1 2", "QUIT"),
    dialog("top", *LOGIN, "TOP 1 1", "QUIT"),
    dialog("top of no lines", *LOGIN, "TOP 1 0", "QUIT"),
    dialog("top of more lines than there are", *LOGIN, "TOP 1 1000000", "QUIT"),
    dialog("top without lines", *LOGIN, "TOP 1", "QUIT"),
    dialog("top of negative lines", *LOGIN, "TOP 1 -1", "QUIT"),
    dialog("noop", *LOGIN, "NOOP", "QUIT"),
    dialog("noop with an argument", *LOGIN, "NOOP now", "QUIT"),
    dialog("stat with an argument", *LOGIN, "STAT now", "QUIT"),
    dialog("dele and rset", *LOGIN, "DELE 1", "STAT", "LIST 1", "RETR 1", "RSET", "STAT", "LIST 1", "QUIT"),
    dialog("dele twice", *LOGIN, "DELE 1", "DELE 1", "RSET", "QUIT"),
    dialog("dele of none", *LOGIN, "DELE 99", "QUIT"),
    dialog("dele without a number", *LOGIN, "DELE", "QUIT"),
    dialog("list after dele", *LOGIN, "DELE 1", "LIST", "UIDL", "RSET", "QUIT"),
    dialog("quit with an argument", *LOGIN, "QUIT now"),
    dialog("pipelined", body(f"{USER}\r\n{PASS}\r\nSTAT\r\nNOOP\r\nQUIT\r\n", 5)),
    dialog("pipelined retr", *LOGIN, body("LIST 1\r\nRETR 1\r\nRETR 2\r\nQUIT\r\n", 4)),
    dialog("a line of 1000 octets", *LOGIN, "NOOP " + "x" * 1000, "QUIT"),
    dialog("a line of 100,000 octets", "USER " + "x" * 100_000),
    dialog("a line that ends in LF", body(f"{USER}\n"), body(f"{PASS}\n"), body(b"STAT\n"), body(b"QUIT\n")),
    dialog("stls", "STLS", "QUIT"),
    dialog("blanks around arguments", USER, PASS, "LIST  1", "LIST 1 ", "QUIT"),
    dialog("dele and quit", *LOGIN, "DELE 3", "QUIT"),
    dialog("what was deleted is gone", *LOGIN, "STAT", "QUIT"),
]
