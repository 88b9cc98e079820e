// SPDX-License-Identifier: Apache-2.0
#include "store/sent_pages.h"

namespace ringpost::store
{
void SentPages::insert(RequestId request, const SentPage& page)
{
    auto insert = connection_.prepare("INSERT OR REPLACE INTO sent_page (request_id, page, rows, rows_per_inch, "
                                      "zero_is_black, coded) VALUES (?, ?, ?, ?, ?, ?)");
    insert.bind(request, page.page, page.rows, page.rows_per_inch, page.zero_is_black);
    insert.bind_blob(page.coded);
    insert.run();
}

std::vector<SentPage> SentPages::of(RequestId request)
{
    auto row = connection_.prepare("SELECT page, rows, rows_per_inch, zero_is_black, coded FROM sent_page "
                                   "WHERE request_id = ? ORDER BY page");
    row.bind(request);
    std::vector<SentPage> pages;
    while (row.step())
    {
        pages.push_back({static_cast<int>(row.integer(0)), static_cast<int>(row.integer(1)),
                         static_cast<int>(row.integer(2)), row.boolean(3), row.text(4)});
    }
    return pages;
}

void SentPages::remove_of_parts(RequestId whole)
{
    connection_.prepare("DELETE FROM sent_page WHERE request_id IN (SELECT id FROM request WHERE part_of = ?)")
        .bind(whole)
        .run();
}
} // namespace ringpost::store
