# SPDX-License-Identifier: Apache-2.0
"""In which dialogs the replies differ on purpose, and why; docs/specifications.md gives the reasons in the same words."""
from __future__ import annotations

REASONS = {
    "syntax": "Syntax is taken at its word (RFC 5321 4.1, 4.5.3.1): a path has its brackets and a domain, a local part at most "
              "64 octets and no two dots, a host name the letters of one, a parameter stands once, and a command that has no "
              "argument gets none.",
    "offered": "A command that exists elsewhere is 502, one that nobody knows 500; HELP answers.",
    "vrfy": "VRFY says nothing of who is here (RFC 5321 7.3).",
    "errors": "The twentieth refused command ends the session; Postfix ends it with the next.",
    "long": "A line longer than `mta.line_limit` is refused, not cut.",
    "order": "EHLO or HELO comes first (RFC 5321 4.1.4); parameters and AUTH belong to EHLO alone.",
    "data": "DATA before any RCPT is 503, after refused ones 554; RFC 5321 4.1.1.4 allows both.",
    "octets": "The argument of NOOP is not looked at.",
    "line ends": "A bare LF does not end a command: it is refused, and the session goes on. A mail with a bare CR or a NUL is "
                 "refused, as one with a bare LF is by both.",
    "utf8": "An address beyond ASCII is refused without SMTPUTF8 (RFC 6531 3.4).",
    "codes": "Where RFC 5321 leaves the code open: relaying for a stranger is 550 5.7.1, a BODY of another kind 501. AUTH "
             "follows RFC 4954 4: 501 for what is no base64, 504 for an unknown mechanism.",
    "sender": "Who may not be the sender is told at MAIL, not at RCPT.",
    "pop3 syntax": "A POP3 command has the arguments of RFC 1939: none for NOOP, STAT and QUIT, one for USER. Blanks around "
                   "them do not matter.",
    "pop3 auth": "`[AUTH]` (RFC 3206) is told where a name and a secret were checked, and nowhere else.",
}
POSTFIX = "Postfix"
DOVECOT = "Dovecot"
# (server, dialog) → what Ringpost replies, what the other replies, a key of REASONS
DIFFERENCES: dict[tuple[str, str], tuple[str, str, str]] = {
    (POSTFIX, "ehlo of what is no domain"): ("501, 221", "250, 221", "syntax"),
    (POSTFIX, "quit with an argument"): ("501", "221", "syntax"),
    (POSTFIX, "a path without brackets"): ("250, 501, 503, 221", "3 x 250, 221", "syntax"),
    (POSTFIX, "a path without domain"): ("250, 501, 503, 221", "3 x 250, 221", "syntax"),
    (POSTFIX, "two at signs"): ("250, 501, 221", "2 x 250, 221", "syntax"),
    (POSTFIX, "two dots"): ("250, 501, 503, 221", "3 x 250, 221", "syntax"),
    (POSTFIX, "a long local part"): ("250, 501, 503, 221", "3 x 250, 221", "syntax"),
    (POSTFIX, "the bang path"): ("2 x 250, 501, 221", "2 x 250, 554, 221", "syntax"),
    (POSTFIX, "a parameter twice"): ("250, 501, 221", "2 x 250, 221", "syntax"),
    (POSTFIX, "expn"): ("250, 502, 221", "250, 500, 221", "offered"),
    (POSTFIX, "help"): ("250, 214, 221", "250, 500, 221", "offered"),
    (POSTFIX, "turn and send"): ("250, 2 x 502, 221", "250, 2 x 500, 221", "offered"),
    (POSTFIX, "bdat without chunking"): ("250, 502, 221", "250, silence", "offered"),
    (POSTFIX, "vrfy of nobody"): ("250, 252, 221", "250, 550, 221", "vrfy"),
    (POSTFIX, "twenty unknown commands"): ("19 x 500, 421", "20 x 500", "errors"),
    (POSTFIX, "a line of 100,000 octets"): ("250, 500", "2 x 250", "long"),
    (POSTFIX, "mail before ehlo"): ("503, 221", "250, 221", "order"),
    (POSTFIX, "parameters after helo"): ("250, 555, 221", "2 x 250, 221", "order"),
    (POSTFIX, "auth before ehlo"): ("503, 221", "235, 221", "order"),
    (POSTFIX, "data before rcpt"): ("2 x 250, 503, 221", "2 x 250, 554, 221", "data"),
    (POSTFIX, "eight bits in a command"): ("2 x 250, 221", "250, 500, 221", "octets"),
    (POSTFIX, "a line that ends in LF"): ("500, 221", "550, closed", "line ends"),
    (POSTFIX, "bare CR"): ("3 x 250, 354, 550, 221", "3 x 250, 354, 250, 221", "line ends"),
    (POSTFIX, "CR.CRLF"): ("3 x 250, 354, 550, 221", "3 x 250, 354, 250, 221", "line ends"),
    (POSTFIX, "a NUL"): ("3 x 250, 354, 550, 221", "3 x 250, 354, 250, 221", "line ends"),
    (POSTFIX, "beyond ASCII without smtputf8"): ("250, 553, 221", "2 x 250, 221", "utf8"),
    (POSTFIX, "relaying for a stranger"): ("2 x 250, 550, 221", "2 x 250, 554, 221", "codes"),
    (POSTFIX, "the percent hack"): ("2 x 250, 550, 221", "2 x 250, 554, 221", "codes"),
    (POSTFIX, "body of another kind"): ("250, 501, 221", "250, 555, 221", "codes"),
    (POSTFIX, "auth that is no base64"): ("250, 501, 221", "250, 535, 221", "codes"),
    (POSTFIX, "auth by an unknown mechanism"): ("250, 504, 221", "250, 535, 221", "codes"),
    (POSTFIX, "another's name as sender"): ("250, 235, 550, 503, 221", "250, 235, 250, 553, 221", "sender"),
    (DOVECOT, "user without a name"): ("-ERR, +OK", "2 x +OK", "pop3 syntax"),
    (DOVECOT, "noop with an argument"): ("2 x +OK, -ERR, +OK", "4 x +OK", "pop3 syntax"),
    (DOVECOT, "stat with an argument"): ("2 x +OK, -ERR, +OK", "4 x +OK", "pop3 syntax"),
    (DOVECOT, "quit with an argument"): ("2 x +OK, -ERR", "3 x +OK", "pop3 syntax"),
    (DOVECOT, "a line of 1000 octets"): ("2 x +OK, -ERR, +OK", "4 x +OK", "pop3 syntax"),
    (DOVECOT, "blanks around arguments"): ("5 x +OK", "3 x +OK, -ERR, +OK", "pop3 syntax"),
    (DOVECOT, "pass without a secret"): ("+OK, -ERR, +OK", "+OK, -ERR [AUTH], +OK", "pop3 auth"),
    (DOVECOT, "auth that is no base64"): ("-ERR, 3 x +OK", "-ERR [AUTH], 3 x +OK", "pop3 auth"),
    (DOVECOT, "auth by an unknown mechanism"): ("-ERR, +OK", "-ERR [AUTH], +OK", "pop3 auth"),
}
