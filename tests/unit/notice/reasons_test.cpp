// SPDX-License-Identifier: Apache-2.0
// Why something was not done, in the language of who reads it.
#include "notice/reasons.h"

#include <catch2/catch.hpp>

using namespace ringpost::notice;

TEST_CASE("A reason is told in the language of its reader")
{
    struct Row
    {
        std::string why;
        std::string english;
        std::string japanese;
    };
    const auto row = GENERATE(values<Row>({
        {"deleted-unread", "the mail was deleted unread", "メールは読まれずに削除されました"},
        {"no FAX has answered at this number", "no FAX has answered at this number",
         "この番号でFAXは応答しませんでした"},
        {"the call was longer than 30m", "the call was longer than 30m", "通信が制限時間（30m）を超えました"},
        {"content 2: the document has more than 100 pages", "content 2: the document has more than 100 pages",
         "コンテンツ2: 文書が100ページを超えています"},
        {"a PNG image is not a document that can be sent by FAX",
         "a PNG image is not a document that can be sent by FAX", "FAXで送信できる文書ではありません: a PNG image"},
        {"content 3: cannot convert in a sandbox: no user namespaces",
         "content 3: cannot convert in a sandbox: no user namespaces",
         "コンテンツ3: サンドボックスで変換できません: no user namespaces"},
        // Nothing of ours: as it is.
        {"no permission for public +81", "no permission for public +81", "no permission for public +81"},
        {"the document has more than  pages", "the document has more than  pages", "the document has more than  pages"},
        {"content 2: {}", "content 2: {}", "コンテンツ2: {}"},
        {"", "", ""},
    }));
    INFO(row.why);
    CHECK(reason_in_words(row.why, Language::en) == row.english);
    CHECK(reason_in_words(row.why, Language::ja) == row.japanese);
}
