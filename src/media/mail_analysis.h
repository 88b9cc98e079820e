// SPDX-License-Identifier: Apache-2.0
// Everything the gateway reads in a mail, in one pass: header facts, contents, service types, and the order (exchange
// information) by the first of the ways in which a person can write one. Reads only; the octets stay as they are.
#pragma once

#include "core/limits.h"
#include "core/result.h"
#include "media/contents.h"
#include "media/exchange_information.h"
#include "media/foreign_exchange.h"
#include "media/service_fields.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::media
{
struct WrittenOrder
{
    enum class Way
    {
        part,          ///< by its media type
        file_name,     ///< an attachment `*.exchange`
        header_fields, ///< `Ringpost-Destination-Number:` …
        text_paragraph ///< weaker than an order by the address (`taro+call@…`), which the caller knows
    };
    ExchangeInformation info;
    Way way = Way::part;
    int content_number = 0; ///< of the part; 0 where it is not a part
};

struct MailAnalysis
{
    /// A limit of the scan was met: the facts of the header before that point are here, contents and order are not.
    std::optional<Failure> beyond_limits;
    /// The structure has a flaw (structure_scan.h), which the sender's program should not have written.
    std::optional<Failure> flaw;
    /// The parts can be read in two ways (mime_reader.h), or there is a flaw: no contents, no order from a part or the
    /// text; what the rest asks for may be only a part of what was meant.
    std::optional<Failure> ambiguous;

    /// addr-specs of From:; empty where it is missing, there twice, or malformed: then it is nobody's.
    std::vector<std::string> from;
    bool from_absent = false;             ///< there is no From: at all, so that nobody is claimed
    std::string from_display_name;        ///< of the first, UTF-8
    std::string subject;                  ///< UTF-8
    std::string message_id;               ///< as written, with its angle brackets
    std::vector<std::string> in_reply_to; ///< message ids with their brackets, at most 50
    std::vector<std::string> references;  ///< the last 50
    bool automatic = false; ///< Auto-Submitted other than `no`, Precedence bulk, list or junk, or a List-Id
    int received_count = 0; ///< Received: fields

    std::vector<Content> contents; ///< octet ranges refer to the mail analysed
    bool scenario_present = false;
    std::string scenario; ///< its text, UTF-8 as far as it is
    std::optional<WrittenOrder> order;
    /// An order with an error, two exchange-information or two scenario parts; then there is no order.
    std::optional<Failure> order_error;

    std::optional<Service> service;
    std::optional<Failure> service_error;

    std::string first_word_of_text; ///< text_order.h first_word() of the first text/plain body

    /// Unfolded value of `Ringpost-Exchange:` where it is the very first field, as gateways write it.
    std::optional<std::string> ringpost_exchange;
    bool foreign_ringpost_exchange = false; ///< there is such a field elsewhere
};

/// Never fails and never throws but for want of memory. Linear. Needs 1 MiB of stack (mime_reader.h).
[[nodiscard]] MailAnalysis analyse(std::string_view mail, const ScanLimits& limits);
} // namespace ringpost::media
