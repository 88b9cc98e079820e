// SPDX-License-Identifier: Apache-2.0
// Telephones that write down what was done to them.
#pragma once

#include "pbx/telephones.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ringpost::control
{
class FakeTelephones : public pbx::Telephones
{
public:
    std::vector<pbx::Telephone> all;
    std::vector<std::string> done;
    pbx::Habit habit;
    std::map<int, std::function<void(const pbx::TelephoneEvent&)>> watchers;

    [[nodiscard]] std::vector<pbx::Telephone> list() const override { return all; }
    Result<> call(const std::string& from, const std::string& to) override
    {
        return act("call " + from + " " + to, from);
    }
    Result<> answer(const std::string& number) override { return act("answer " + number, number); }
    Result<> hang_up(const std::string& number) override { return act("hangup " + number, number); }
    Result<> press(const std::string& number, const std::string& digits) override
    {
        return act("press " + number + " " + digits, number);
    }
    Result<> set(const std::string& number, const std::function<void(pbx::Habit&)>& change) override
    {
        change(habit);
        return act("set " + number, number);
    }
    [[nodiscard]] std::unique_ptr<pbx::Watch> watch(std::function<void(const pbx::TelephoneEvent&)> sink) override
    {
        watchers.emplace(++last_, std::move(sink));
        return std::make_unique<Entry>(*this, last_);
    }
    void happen(const pbx::TelephoneEvent& event) const
    {
        for (const auto& [number, sink] : watchers)
        {
            sink(event);
        }
    }

private:
    class Entry : public pbx::Watch
    {
    public:
        Entry(FakeTelephones& owner, int number) : owner_(owner), number_(number) {}
        ~Entry() override { owner_.watchers.erase(number_); }

    private:
        FakeTelephones& owner_;
        int number_;
    };

    Result<> act(std::string what, const std::string& number)
    {
        if (number == "9999")
        {
            return fail(Errc::not_found, number, "there is no such telephone");
        }
        done.push_back(std::move(what));
        return {};
    }

    int last_ = 0;
};
} // namespace ringpost::control
