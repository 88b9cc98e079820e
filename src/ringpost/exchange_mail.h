// SPDX-License-Identifier: Apache-2.0
// Composes a mail that carries exchange information (RFC 5322, RFC 2045-2047, RFC 2183, RFC 2231; the fields of the
// application/vnd.ringpost.exchange-information part are listed in exchange_mail.cpp). No I/O.
#pragma once

#include "core/duration.h"
#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ringpost::command
{
/// What a person asks for, as typed; an empty text leaves the field out.
struct ExchangeOrder
{
    std::string request = "camp-on";
    std::string destination_number;
    std::string source_number;
    std::string network;
    std::string trigger;
    std::string monitor_time;
    std::string retry; ///< `on-release`, or `every:30s`
    std::string result_notification;
    std::string ring_time;
    std::string call_order;
    std::string first_attempt;
    std::string reference;
};

struct Attachment
{
    std::string name; ///< file name without folder
    std::string octets;
};

struct ExchangeMail
{
    std::string from;
    std::vector<std::string> to;
    std::string subject; ///< UTF-8
    std::string text;    ///< UTF-8; no text part when empty
    ExchangeOrder order;
    std::vector<Attachment> attachments;
    Instant date;
    std::string unique; ///< letters and digits that no other mail has: boundary and Message-ID are made from it
};

/// The exchange-information part's lines (CRLF). Errc::malformed names the field and what is expected.
[[nodiscard]] Result<std::string> exchange_information(const ExchangeOrder& order);

/// The whole mail, CRLF line ends, lines of at most 998 octets, 7bit. Errc::malformed names what is wrong.
[[nodiscard]] Result<std::string> compose(const ExchangeMail& mail);

/// An address without display name as MAIL FROM and RCPT TO take it (RFC 5321 4.1.2 without quoted local parts).
[[nodiscard]] Result<> check_address(std::string_view address);
} // namespace ringpost::command
