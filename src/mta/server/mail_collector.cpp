// SPDX-License-Identifier: Apache-2.0
#include "mta/server/mail_collector.h"

#include "media/foreign_exchange.h"
#include "mta/confidential.h"

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
    if (!file_)
    {
        rename_foreign();
        return {};
    }
    auto written = spill();
    return written.has_value() && sealer_ ? file_->append(sealer_->finish()) : written;
}

Result<> MailCollector::spill()
{
    if (auto begun = file_ ? Result<>{} : begin_file(); begun.has_error())
    {
        return begun;
    }
    auto written = file_->append(sealer_ ? sealer_->add(octets_) : octets_);
    file_octets_ += static_cast<std::int64_t>(octets_.size());
    octets_.clear();
    return written;
}

/// The whole header is there.
Result<> MailCollector::begin_file()
{
    rename_foreign();
    if (asks_confidential(octets_, limits_, standing_))
    {
        // Not even for a moment may it lie on the disk as it is.
        if (auto possible = check_confidential(spool_.vault()); possible.has_error())
        {
            return possible;
        }
        sealer_.emplace(spool_.vault().seal());
        key_id_ = spool_.vault().key_id();
    }
    auto created = store::SpoolFile::create(spool_);
    if (created.has_error())
    {
        return created.error();
    }
    file_.emplace(std::move(*created));
    return {};
}

void MailCollector::rename_foreign()
{
    const std::size_t kept = standing_ == Standing::peer ? first_field(octets_) : 0;
    std::string renamed = media::rename_foreign_exchange(std::string_view(octets_).substr(kept));
    if (renamed.size() + kept != octets_.size())
    {
        octets_ = octets_.substr(0, kept) + renamed;
    }
}
} // namespace ringpost::mta
