// SPDX-License-Identifier: Apache-2.0
// One SMTP command line taken apart (RFC 5321 4.1.1, 4.1.2; AUTH: RFC 4954). Whether it is allowed now, and what it
// does, is the dialog's. Views point into the line given.
#pragma once

#include "core/result.h"
#include "mta/server/address.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::mta
{
enum class Verb
{
    ehlo,
    helo,
    lhlo, ///< of LMTP (RFC 2033 4.1)
    mail,
    rcpt,
    data,
    rset,
    noop,
    vrfy,
    quit,
    auth,
    starttls,
    help,
    xringpost,
    not_offered, ///< known to SMTP, not here: EXPN, TURN, SEND, BDAT …
    unknown
};

struct Command
{
    Verb verb = Verb::unknown;
    std::string_view argument; ///< without the blanks around it
};

/// The verb table. `line` is without its CRLF. Never fails: a strange line is Verb::unknown.
[[nodiscard]] Command parse_command(std::string_view line);

/// An esmtp-param: `keyword` as written, `value` nullopt where there is no `=`.
struct Parameter
{
    std::string_view keyword;
    std::optional<std::string_view> value;
};

/// Argument of MAIL or RCPT.
struct PathArguments
{
    std::optional<Mailbox> mailbox; ///< nullopt: the null reverse path
    std::vector<Parameter> parameters;
};

/// `FROM:<…> [params]` or `TO:<…> [params]`; blanks around the colon are allowed, as many clients send them.
/// Errc::malformed; those of parse_path().
[[nodiscard]] Result<PathArguments> parse_path_arguments(std::string_view argument, PathKind kind);

/// Argument of AUTH: mechanism and initial response (nullopt: none; `=` on the wire is an empty one here).
struct AuthArguments
{
    std::string_view mechanism;
    std::optional<std::string_view> initial_response;
};
[[nodiscard]] Result<AuthArguments> parse_auth_arguments(std::string_view argument);

/// `XRINGPOST <word> <arg>`: what gateways say to each other beyond SMTP.
struct XringpostLine
{
    std::string word;     ///< lower-cased letters, digits and hyphens
    std::string argument; ///< printable ASCII, may be empty
};
[[nodiscard]] Result<XringpostLine> parse_xringpost(std::string_view argument);
} // namespace ringpost::mta
