// SPDX-License-Identifier: Apache-2.0
#include "mta/server/mail_collector.h"

#include "media/foreign_exchange.h"

#include <strings.h>

namespace ringpost::mta
{
namespace
{
constexpr std::string_view field_name = "Ringpost-Exchange:";

/// Octets of the first field if it is one that a gateway puts in front, else 0.
std::size_t first_field(const std::string& octets)
{
    if (octets.size() < field_name.size() || ::strncasecmp(octets.data(), field_name.data(), field_name.size()) != 0)
    {
        return 0;
    }
    std::size_t end = 0;
    do
    {
        end = octets.find("\r\n", end);
        if (end == std::string::npos)
        {
            return octets.size();
        }
        end += 2;
    } while (end < octets.size() && (octets[end] == ' ' || octets[end] == '\t'));
    return end;
}
} // namespace

Result<> MailCollector::append(std::string octets)
{
    if (octets_.empty() && !file_)
    {
        octets_ = std::move(octets);
    }
    else
    {
        octets_ += octets;
    }
    return octets_.size() > threshold_ ? spill() : Result<>{};
}

Result<> MailCollector::finish()
{
    if (file_)
    {
        return spill();
    }
    rename_foreign();
    return {};
}

Result<> MailCollector::spill()
{
    if (!file_)
    {
        rename_foreign();
        auto created = store::SpoolFile::create(spool_);
        if (created.has_error())
        {
            return created.error();
        }
        file_.emplace(std::move(*created));
    }
    auto written = file_->append(octets_);
    octets_.clear();
    return written;
}

void MailCollector::rename_foreign()
{
    const std::size_t kept = peer_ ? first_field(octets_) : 0;
    std::string renamed = media::rename_foreign_exchange(std::string_view(octets_).substr(kept));
    if (renamed.size() + kept != octets_.size())
    {
        octets_ = octets_.substr(0, kept) + renamed;
    }
}
} // namespace ringpost::mta
