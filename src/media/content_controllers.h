// SPDX-License-Identifier: Apache-2.0
// The controller of each medium.
#pragma once

#include "core/vocabulary.h"
#include "service/content.h"

#include <map>
#include <utility>

namespace ringpost::media
{
class ContentControllers : public service::ContentController
{
public:
    /// `controller` lives as long.
    void add(Medium medium, service::ContentController& controller) { controllers_[medium] = &controller; }

    boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> prepare(store::Request request) override
    {
        const auto found = controllers_.find(request.medium);
        if (found == controllers_.end())
        {
            co_return fail(Errc::unsupported, "", "is not offered by this gateway");
        }
        co_return co_await found->second->prepare(std::move(request));
    }

private:
    std::map<Medium, service::ContentController*> controllers_;
};
} // namespace ringpost::media
