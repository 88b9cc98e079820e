// SPDX-License-Identifier: Apache-2.0
#include "directory/directory.h"

#include <utility>

namespace ringpost::directory
{
Directory::Directory(store::Database& database, OfficeOptions office)
    : database_(database), office_(std::move(office)),
      current_{0, std::make_shared<const Snapshot>(store::DirectoryData{}, office_)}
{}

std::shared_ptr<const Snapshot> Directory::current() const
{
    const std::lock_guard lock(mutex_);
    return current_.snapshot;
}

Result<Directory::Loaded> Directory::load(store::Connection& connection, const Edit& edit) const
{
    store::DirectoryRows rows(connection);
    if (edit)
    {
        if (auto edited = edit(rows); edited.has_error())
        {
            return edited.error();
        }
    }
    return Loaded{++turns_, std::make_shared<const Snapshot>(rows.load(), office_)};
}

void Directory::publish(Loaded loaded)
{
    // Two changes may come back in another order than they were committed in: the older must not win.
    const std::lock_guard lock(mutex_);
    if (loaded.turn > current_.turn)
    {
        std::swap(current_, loaded);
    }
}

Result<> Directory::load_now()
{
    const std::function<Result<Loaded>(store::Connection&)> unit = [this](store::Connection& connection) {
        return load(connection, nullptr);
    };
    auto loaded = database_.write_now<Loaded>("directory.load", unit);
    if (loaded.has_error())
    {
        return loaded.error();
    }
    publish(std::move(*loaded));
    return {};
}

boost::asio::awaitable<Result<>> Directory::reload()
{
    return change(nullptr);
}

boost::asio::awaitable<Result<>> Directory::change(Edit edit)
{
    // Also a mere reload goes through the writer, whose order tells which snapshot is the newer one.
    std::function<Result<Loaded>(store::Connection&)> unit = [this, edit = std::move(edit)](store::Connection& c) {
        return load(c, edit);
    };
    auto loaded = co_await database_.write<Loaded>("directory.change", std::move(unit));
    if (loaded.has_error())
    {
        co_return loaded.error();
    }
    publish(std::move(*loaded));
    co_return Result<>{};
}
} // namespace ringpost::directory
