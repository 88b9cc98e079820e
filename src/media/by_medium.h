// SPDX-License-Identifier: Apache-2.0
// Which controller performs a content.
#pragma once

#include "service/content.h"

namespace ringpost::media
{
class ByMedium : public service::ContentController
{
public:
    ByMedium(service::ContentController& voice, service::ContentController& fax) : voice_(voice), fax_(fax) {}

    boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> prepare(store::Request request) override
    {
        // Not a coroutine: what the other one returns is returned.
        return request.medium == Medium::fax ? fax_.prepare(std::move(request)) : voice_.prepare(std::move(request));
    }

private:
    service::ContentController& voice_;
    service::ContentController& fax_;
};
} // namespace ringpost::media
