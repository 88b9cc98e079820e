// SPDX-License-Identifier: Apache-2.0
// Every sentence of the pages, one table for each language (page_texts_en.cpp, page_texts_ja.cpp).
#pragma once

#include "notice/language.h"

#include <string_view>

namespace ringpost::console
{
/// UTF-8, nothing of it escaped.
struct PageTexts
{
    std::string_view title;
    std::string_view from;
    std::string_view subject;
    std::string_view no_subject;
    std::string_view until;
    std::string_view silence;
    std::string_view ok_button;
    std::string_view ng_button;
    std::string_view ok_taken;
    std::string_view ng_taken;
    std::string_view close_page;
    std::string_view not_there;  ///< 404: the inquiry is over, or there never was one
    std::string_view unreadable; ///< 400: no answer in what was sent
    std::string_view not_now;    ///< 503
};

[[nodiscard]] const PageTexts& page_texts_en();
[[nodiscard]] const PageTexts& page_texts_ja();
[[nodiscard]] inline const PageTexts& page_texts(notice::Language language)
{
    return language == notice::Language::ja ? page_texts_ja() : page_texts_en();
}
} // namespace ringpost::console
