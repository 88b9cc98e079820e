// SPDX-License-Identifier: Apache-2.0
#include "notice/fax_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace ringpost::notice
{
namespace
{
constexpr int columns = 1728; // of a FAX line of A4 (ITU-T T.4)
constexpr double columns_per_inch = 204;
constexpr double points_per_inch = 72;

class Pdf
{
public:
    /// Objects are numbered from 1 in the order in which they come.
    void object(std::string_view dictionary, std::string_view stream = {})
    {
        offsets_.push_back(out_.size());
        out_ += fmt::format("{} 0 obj\n{}\n", offsets_.size(), dictionary);
        if (!stream.empty())
        {
            out_ += "stream\n";
            out_ += stream;
            out_ += "\nendstream\n";
        }
        out_ += "endobj\n";
    }

    std::string take() &&
    {
        const std::size_t table = out_.size();
        out_ += fmt::format("xref\n0 {}\n0000000000 65535 f \n", offsets_.size() + 1);
        for (const std::size_t offset : offsets_)
        {
            out_ += fmt::format("{:010} 00000 n \n", offset);
        }
        out_ += fmt::format("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", offsets_.size() + 1, table);
        return std::move(out_);
    }

private:
    std::string out_ = "%PDF-1.4\n";
    std::vector<std::size_t> offsets_;
};

constexpr std::size_t objects_of_page = 3;

std::size_t object_of_page(std::size_t place)
{
    return 3 + objects_of_page * place; // behind catalogue and page tree
}

void add_page(Pdf& pdf, const store::SentPage& page, std::size_t place)
{
    const std::size_t number = object_of_page(place);
    const double width = columns / columns_per_inch * points_per_inch;
    const double height = static_cast<double>(page.rows) / std::max(page.rows_per_inch, 1) * points_per_inch;
    pdf.object(fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {:.2f} {:.2f}] /Contents {} 0 R /Resources << "
                           "/XObject << /I {} 0 R >> >> >>",
                           width, height, number + 1, number + 2));
    const std::string drawing = fmt::format("q {:.2f} 0 0 {:.2f} 0 0 cm /I Do Q", width, height);
    pdf.object(fmt::format("<< /Length {} >>", drawing.size()), drawing);
    // BlackIs1 says what the pixels become, and DeviceGray that 0 is black: so the two must differ for a page whose
    // coded black is white.
    pdf.object(fmt::format("<< /Type /XObject /Subtype /Image /Width {} /Height {} /ColorSpace /DeviceGray "
                           "/BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns {} /Rows {} "
                           "/BlackIs1 {} >> /Length {} >>",
                           columns, page.rows, columns, page.rows, page.zero_is_black, page.coded.size()),
               page.coded);
}
} // namespace

std::string fax_copy(std::span<const store::SentPage> pages)
{
    Pdf pdf;
    pdf.object("<< /Type /Catalog /Pages 2 0 R >>");
    std::string kids;
    for (std::size_t i = 0; i < pages.size(); ++i)
    {
        kids += fmt::format("{}{} 0 R", kids.empty() ? "" : " ", object_of_page(i));
    }
    pdf.object(fmt::format("<< /Type /Pages /Kids [{}] /Count {} >>", kids, pages.size()));
    for (std::size_t i = 0; i < pages.size(); ++i)
    {
        add_page(pdf, pages[i], i);
    }
    return std::move(pdf).take();
}
} // namespace ringpost::notice
