// SPDX-License-Identifier: Apache-2.0
#include "store/inquiries.h"

namespace ringpost::store
{
namespace
{
constexpr std::string_view columns = "SELECT request_id, step, medium, token_hash, until FROM inquiry WHERE ";

std::optional<InquiryRow> row_of(Statement& query)
{
    if (!query.step())
    {
        return std::nullopt;
    }
    return InquiryRow{query.id<RequestId>(0), static_cast<int>(query.integer(1)),
                      from_word<Medium>(query.text(2)).value_or(Medium::exchange), query.text(3), query.instant(4)};
}
} // namespace

void Inquiries::insert(const InquiryRow& row)
{
    connection_.prepare("INSERT INTO inquiry (request_id, step, medium, token_hash, until) VALUES (?, ?, ?, ?, ?)")
        .bind(row.request, row.step, word(row.medium), row.token_hash, row.until)
        .run();
}

std::optional<InquiryRow> Inquiries::find(std::string_view token_hash)
{
    auto query = connection_.prepare(std::string(columns) + "token_hash = ?");
    query.bind(token_hash);
    return row_of(query);
}

std::optional<InquiryRow> Inquiries::find(RequestId request, int step)
{
    auto query = connection_.prepare(std::string(columns) + "request_id = ? AND step = ?");
    query.bind(request, step);
    return row_of(query);
}

void Inquiries::remove(RequestId request, int step)
{
    connection_.prepare("DELETE FROM inquiry WHERE request_id = ? AND step = ?").bind(request, step).run();
}
} // namespace ringpost::store
