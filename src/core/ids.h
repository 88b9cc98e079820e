// SPDX-License-Identifier: Apache-2.0
// Small distinct types for the row ids, so that a mail's id is never given where a request's is wanted.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace ringpost
{
template <class Tag>
struct Id
{
    std::int64_t value{};
    auto operator<=>(const Id&) const = default;
    [[nodiscard]] explicit operator bool() const { return value != 0; }
};

using MailId = Id<struct MailTag>;
using QueueItemId = Id<struct QueueItemTag>;
using UserId = Id<struct UserTag>;
using MailboxEntryId = Id<struct MailboxEntryTag>;
using RequestId = Id<struct RequestTag>;
using AttemptId = Id<struct AttemptTag>;
} // namespace ringpost

template <class Tag>
struct std::hash<ringpost::Id<Tag>>
{
    std::size_t operator()(const ringpost::Id<Tag>& id) const noexcept { return std::hash<std::int64_t>{}(id.value); }
};
