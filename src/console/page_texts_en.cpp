// SPDX-License-Identifier: Apache-2.0
#include "console/page_texts.h"

namespace ringpost::console
{
const PageTexts& page_texts_en()
{
    static constexpr PageTexts texts{
        .title = "Inquiry",
        .from = "From",
        .subject = "Mail",
        .no_subject = "(no subject)",
        .until = "Answer until",
        .silence = "Without an answer by then it is taken as NG.",
        .ok_button = "OK: go on",
        .ng_button = "NG: do not go on",
        .ok_taken = "Your answer OK has been taken: the gateway goes on now.",
        .ng_taken = "Your answer NG has been taken: the gateway does not go on.",
        .close_page = "You can close this page.",
        .not_there = "There is no inquiry at this address: it has been answered, its time is over, or the address is "
                     "not complete.",
        .unreadable = "The answer could not be read. Please go back and press one of the buttons.",
        .not_now = "The gateway cannot do this now. Please try again in a moment.",
    };
    return texts;
}
} // namespace ringpost::console
