// SPDX-License-Identifier: Apache-2.0
// Rows of `inquiry`: what an addressee is being asked (spec 2.10). A row is there as long as the answer counts.
#pragma once

#include "core/vocabulary.h"
#include "store/sqlite.h"

#include <optional>
#include <string>
#include <string_view>

namespace ringpost::store
{
struct InquiryRow
{
    RequestId request{}; ///< with the scenario
    int step = 0;
    Medium medium = Medium::exchange; ///< what is performed after a yes
    std::string token_hash;           ///< of what the link holds: whoever reads the database cannot answer
    Instant until{};
};

class Inquiries
{
public:
    explicit Inquiries(Connection& connection) : connection_(connection) {}

    void insert(const InquiryRow& row);
    [[nodiscard]] std::optional<InquiryRow> find(std::string_view token_hash);
    [[nodiscard]] std::optional<InquiryRow> find(RequestId request, int step);
    void remove(RequestId request, int step);

private:
    Connection& connection_;
};
} // namespace ringpost::store
