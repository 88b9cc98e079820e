// SPDX-License-Identifier: Apache-2.0
// Exchange information: which telephone is to be connected with which (the gateway's own text format, one
// `Field: value` a line, RFC 5322 style). Only what was written stands here; defaults are the service's matter.
//
// Field by field: numbers are digits and `+ - ( ) .` and blanks with at least one digit, at most 64 octets; durations
// 1s to 30d; Name at most 256 octets. One parser for the MIME part, the header fields `Ringpost-…:` of a mail and the
// paragraph after `Exchange:` in its text.
#pragma once

#include "core/duration.h"
#include "core/result.h"
#include "core/vocabulary.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::media
{
struct Retry
{
    bool on_release = true;
    Duration every{}; ///< at least 5 s where on_release is false
    bool operator==(const Retry&) const = default;
};

struct TransferTo
{
    bool ask = false;                 ///< the person is asked for each call; then no numbers
    std::vector<std::string> numbers; ///< as written, in order, at most 20
    bool operator==(const TransferTo&) const = default;
};

struct ExchangeInformation
{
    std::optional<RequestKind> request;
    std::optional<std::string> destination_number; ///< as written
    std::optional<std::string> source_number;      ///< as written
    std::optional<NetworkType> network;
    std::optional<Trigger> trigger;
    std::optional<bool> result_notification;
    std::optional<Duration> monitor_time;
    std::optional<Retry> retry;
    std::optional<Duration> ring_time;
    std::optional<CallOrder> call_order;
    std::optional<bool> first_attempt;
    std::optional<std::string> name; ///< UTF-8
    std::optional<TransferTo> transfer_to;
    std::optional<std::string> reference; ///< request number `<id>@<domain>`
    bool operator==(const ExchangeInformation&) const = default;
};

/// True for the fields of ExchangeInformation (`Destination-Number`, any case).
[[nodiscard]] bool known_field(std::string_view name);

/// Sets one field; `value` is unfolded UTF-8. A name starting `X-` is ignored. Errc::malformed for an unknown name, a
/// field that is set already, or a bad value; where() is the name of the field, text() a sentence.
[[nodiscard]] Result<> set_field(ExchangeInformation& info, std::string_view name, std::string_view value);

/// Rules between fields: `cancel` needs Reference, `transfer-entry` needs Transfer-To, Destination-Number is an error
/// in the two transfers. Errc::malformed; where() is the name of the field.
[[nodiscard]] Result<> check_fields(const ExchangeInformation& info);

/// A whole text: UTF-8 (checked; a byte order mark is accepted), CRLF or LF, empty lines ignored, no folding. Checks
/// the rules between fields too. Errc::malformed; where() is `line N, Field-Name` (the field alone where it is
/// missing), lines counted from `first_line`.
[[nodiscard]] Result<ExchangeInformation> parse_exchange_information(std::string_view utf8_text,
                                                                     std::size_t first_line = 1);

/// The text that parse_exchange_information reads back, lines ended by CRLF.
[[nodiscard]] std::string format_exchange_information(const ExchangeInformation& info);
} // namespace ringpost::media
