// SPDX-License-Identifier: Apache-2.0
// The copy of what was sent by FAX, for the result (spec 2.7): a PDF whose images are the very lines that the other FAX
// has confirmed. They are not decoded for it: PDF knows the coding of a FAX (ISO 32000-1 7.4.6, CCITTFaxDecode).
#pragma once

#include "store/sent_pages.h"

#include <span>
#include <string>

namespace ringpost::notice
{
/// A PDF 1.4 of these pages, each as large as it is on paper.
[[nodiscard]] std::string fax_copy(std::span<const store::SentPage> pages);
} // namespace ringpost::notice
