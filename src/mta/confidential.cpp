// SPDX-License-Identifier: Apache-2.0
#include "mta/confidential.h"

#include "media/header_block.h"

namespace ringpost::mta
{
namespace
{
bool may_ask(Standing standing)
{
    return standing == Standing::own_user || standing == Standing::peer;
}
} // namespace

bool is_confidential(const media::MailAnalysis& analysis, Standing standing)
{
    return may_ask(standing) && analysis.service && analysis.service->confidential();
}

bool asks_confidential(std::string_view mail, const ScanLimits& limits, Standing standing)
{
    if (!may_ask(standing))
    {
        return false;
    }
    const auto service = media::read_service_fields(media::HeaderBlock::read(mail, limits)).service;
    return service && service->confidential();
}

Result<> check_confidential(const store::Vault& vault)
{
    if (!vault.can_seal())
    {
        return fail(Errc::refused, "confidential",
                    "this gateway has no key to keep confidential mail (confidential.key_file): send it without "
                    "Ringpost-Service: confidential and Sensitivity, if it need not be protected");
    }
    return {};
}
} // namespace ringpost::mta
