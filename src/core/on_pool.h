// SPDX-License-Identifier: Apache-2.0
// Awaiting work that a WorkPool does.
#pragma once

#include "core/callback.h"
#include "core/result.h"
#include "core/work_pool.h"

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <functional>
#include <utility>

namespace ringpost
{
/// `work` on a thread of the pool; the caller goes on, on its own executor, with what it returned. `busy` where the
/// queue is full or the pool stops first; Errc::internal for an exception (no memory left, for example).
template <class T>
boost::asio::awaitable<Result<T>> on_pool(WorkPool& pool, std::function<Result<T>()> work, Failure busy)
{
    std::function<void(std::function<void(Result<T>)>)> start = [&pool, &work,
                                                                 &busy](const std::function<void(Result<T>)>& done) {
        WorkPool::Job job;
        job.run = [done, work = std::move(work)] {
            try
            {
                done(work());
            }
            catch (const std::exception& error)
            {
                done(Result<T>(fail(Errc::internal, "", error.what())));
            }
        };
        job.refuse = [done, busy] { done(Result<T>(busy)); };
        if (!pool.submit(std::move(job)))
        {
            done(Result<T>(busy));
        }
    };
    co_return co_await wait_for_callback<Result<T>>(std::move(start));
}
} // namespace ringpost
