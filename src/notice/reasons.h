// SPDX-License-Identifier: Apache-2.0
// Why something was not done, as the notice tells it. What is stored is an English sentence, or the name of one; here
// it gets its words in the language of the reader.
#pragma once

#include "notice/language.h"

#include <string>
#include <string_view>

namespace ringpost::notice
{
/// `why`: a name (`deleted-unread`), a sentence of the controllers of FAX and voice, `content N: ` and such a sentence,
/// or anything else (the name of a rule, what a program has said), which is told as it is.
[[nodiscard]] std::string reason_in_words(std::string_view why, Language language);
} // namespace ringpost::notice
