// SPDX-License-Identifier: Apache-2.0
// Where an inquiry is looked at and answered by the link of its mail (spec 2.10).
#pragma once

#include "core/duration.h"
#include "core/result.h"
#include "notice/language.h"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace ringpost::scenario
{
struct InquiryView
{
    std::string from;    ///< who asks
    std::string subject; ///< of the mail
    std::string asked;   ///< one sentence, UTF-8
    Instant until{};     ///< silence until then is a no
    notice::Language language = notice::Language::en;
};

/// On the control executor. Errc::not_found: there is no such inquiry, or it is over.
class InquiryDesk
{
public:
    virtual ~InquiryDesk() = default;
    virtual boost::asio::awaitable<Result<InquiryView>> look(std::string token) = 0;
    /// Once: whoever answers first counts.
    virtual boost::asio::awaitable<Result<>> answer(std::string token, bool ok) = 0;
};
} // namespace ringpost::scenario
