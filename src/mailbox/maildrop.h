// SPDX-License-Identifier: Apache-2.0
// The exclusive lock of a maildrop (RFC 1939 4): one session for each user, released when that session ends, whatever
// ends it. Thread-safe.
#pragma once

#include "core/ids.h"

#include <memory>
#include <mutex>
#include <unordered_set>

namespace ringpost::mailbox
{
class MaildropLocks
{
public:
    class Lock
    {
    public:
        Lock(MaildropLocks& locks, UserId user) : locks_(locks), user_(user) {}
        ~Lock() { locks_.release(user_); }
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;
        [[nodiscard]] UserId user() const { return user_; }

    private:
        MaildropLocks& locks_;
        UserId user_;
    };

    /// nullptr: another session has it.
    [[nodiscard]] std::unique_ptr<Lock> acquire(UserId user)
    {
        const std::lock_guard guard(mutex_);
        return locked_.insert(user).second ? std::make_unique<Lock>(*this, user) : nullptr;
    }

private:
    void release(UserId user)
    {
        const std::lock_guard guard(mutex_);
        locked_.erase(user);
    }

    std::mutex mutex_;
    std::unordered_set<UserId> locked_;
};
} // namespace ringpost::mailbox
