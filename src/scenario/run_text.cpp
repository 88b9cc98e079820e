// SPDX-License-Identifier: Apache-2.0
// One column instead of many: it is read and written as a whole, and compared as a whole by its tests.
#include "scenario/run.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace ringpost::scenario
{
namespace
{
using nlohmann::json;

constexpr int version = 1;
/// Far more than what the longest script that a configuration allows comes to.
constexpr std::size_t longest_run = 4 << 20;

Failure bad_run(std::string text)
{
    return fail(Errc::malformed, "scenario run", std::move(text));
}

json to_json(const Item& item)
{
    json out{{"step", item.step}, {"content", item.reference.number}, {"status", word(item.status)}};
    if (item.cause != Cause::none)
    {
        out["cause"] = word(item.cause);
    }
    if (item.extent.seconds_heard)
    {
        out["seconds"] = *item.extent.seconds_heard;
    }
    if (item.extent.pages)
    {
        out["pages"] = *item.extent.pages;
    }
    return out;
}

/// Reads members of an object; what is missing, of another type or out of range leaves a mark. What is not asked for
/// shows when the whole is written again.
class Members
{
public:
    explicit Members(const json& object) : object_(object) {}

    [[nodiscard]] bool good() const { return good_; }

    template <class Integer>
    std::optional<Integer> maybe_number(const char* name)
    {
        const json* value = find(name);
        if (value == nullptr || !value->is_number_integer())
        {
            good_ = good_ && value == nullptr;
            return std::nullopt;
        }
        const auto number = value->get<std::int64_t>();
        // A greater one than fits is another text when it is written again.
        return static_cast<Integer>(number);
    }

    template <class Integer>
    Integer number(const char* name)
    {
        const auto value = maybe_number<Integer>(name);
        good_ = good_ && value.has_value();
        return value.value_or(Integer{});
    }

    template <class Enum>
    Enum maybe_word(const char* name)
    {
        const json* value = find(name);
        const auto* text = value == nullptr ? nullptr : value->get_ptr<const std::string*>();
        const auto found = text == nullptr ? std::nullopt : from_word<Enum>(*text);
        good_ = good_ && (value == nullptr || found);
        return found.value_or(Enum{});
    }

    const json& list(const char* name)
    {
        static const json none = json::array();
        const json* value = find(name);
        const bool is_list = value != nullptr && value->is_array();
        good_ = good_ && is_list;
        return is_list ? *value : none;
    }

private:
    const json* find(const char* name)
    {
        const auto found = object_.find(name);
        return found == object_.end() ? nullptr : &*found;
    }

    const json& object_;
    bool good_ = true;
};

std::optional<Item> read_item(const json& object)
{
    Members members(object);
    Item item;
    item.step = members.number<std::size_t>("step");
    item.reference.number = members.number<int>("content");
    item.status = members.maybe_word<Status>("status");
    item.cause = members.maybe_word<Cause>("cause");
    item.extent.seconds_heard = members.maybe_number<std::uint32_t>("seconds");
    item.extent.pages = members.maybe_number<std::uint32_t>("pages");
    return members.good() ? std::optional(item) : std::nullopt;
}

std::optional<Run> read_run(const json& object)
{
    Members members(object);
    Run run;
    run.state = members.maybe_word<State>("state");
    run.position = members.number<std::size_t>("position");
    run.cause = members.maybe_word<Cause>("cause");
    if (const auto due = members.maybe_number<std::int64_t>("due"))
    {
        run.due = from_micros(*due);
    }
    for (const json& entry : members.list("items"))
    {
        const auto item = read_item(entry);
        if (!item)
        {
            return std::nullopt;
        }
        run.items.push_back(*item);
    }
    return members.good() ? std::optional(std::move(run)) : std::nullopt;
}

/// Whether a run can be in this state of this script: steps are begun in order, each with all of its contents.
class Fit
{
public:
    Fit(const Script& script, const Run& run) : script_(script), run_(run), steps_(script.steps.size()) {}

    [[nodiscard]] bool good()
    {
        if (run_.position > steps_ || !causes_fit() || !begun_in_order())
        {
            return false;
        }
        const bool timed = run_.state == State::waiting || run_.state == State::asking;
        return run_.due.has_value() == timed && state_fits();
    }

private:
    [[nodiscard]] bool causes_fit() const
    {
        const bool cause = run_.cause != Cause::none;
        return cause == (run_.state == State::failed || run_.state == State::cancelled) &&
               (run_.state != State::cancelled || run_.cause == Cause::cancelled) &&
               std::all_of(run_.items.begin(), run_.items.end(), [](const Item& item) {
                   return (item.cause != Cause::none) == (item.status == Status::failed);
               });
    }

    /// Counts the steps whose contents have been begun, and leaves the connection by key aside.
    bool begun_in_order()
    {
        auto item = run_.items.begin();
        const auto end = run_.items.end();
        for (; begun_ < steps_ && (item == end || item->step != steps_); ++begun_)
        {
            const auto contents = contents_of(script_.steps[begun_]);
            if (!contents.empty() && item == end)
            {
                break;
            }
            for (const Reference reference : contents)
            {
                if (item == end || item->step != begun_ || item->reference != reference)
                {
                    return false;
                }
                ++item;
            }
        }
        key_ = item != end && item->step == steps_ && item != run_.items.begin();
        return item == end || (key_ && item->reference.number >= 0 && item + 1 == end);
    }

    [[nodiscard]] bool any(Status status, std::size_t but_in_step) const
    {
        return std::any_of(run_.items.begin(), run_.items.end(),
                           [&](const Item& item) { return item.status == status && item.step != but_in_step; });
    }
    [[nodiscard]] bool any(Status status) const { return any(status, std::numeric_limits<std::size_t>::max()); }

    /// The steps before `position` are begun, and not that one. begun_ counts `wait` and `at` that follow too.
    [[nodiscard]] bool begun_before(std::size_t position) const
    {
        return !key_ && position <= begun_ &&
               std::all_of(run_.items.begin(), run_.items.end(),
                           [position](const Item& item) { return item.step < position; });
    }
    /// That step is the last one of which contents are begun.
    [[nodiscard]] bool begun_with(std::size_t position) const
    {
        return !key_ && !run_.items.empty() && run_.items.back().step == position;
    }

    [[nodiscard]] bool running_fits() const
    {
        if (!any(Status::running))
        {
            return false;
        }
        if (!key_)
        {
            return begun_with(run_.position) && !any(Status::running, run_.position) && !any(Status::stopped);
        }
        // What else the step plays in which the key was pressed goes on.
        const std::size_t left = (run_.items.end() - 2)->step;
        return run_.position == steps_ && std::none_of(run_.items.begin(), run_.items.end(), [&](const Item& item) {
                   return item.status == Status::running && item.step != left && item.step != steps_;
               });
    }

    [[nodiscard]] bool state_fits() const
    {
        const Step* step = run_.position < steps_ ? &script_.steps[run_.position] : nullptr;
        const bool idle = !any(Status::running) && (key_ || !any(Status::stopped));
        switch (run_.state)
        {
        case State::not_started:
            return run_.position == 0 && run_.items.empty();
        case State::running:
            return running_fits();
        case State::waiting:
            return idle && begun_before(run_.position) && step != nullptr && contents_of(*step).empty();
        case State::asking:
            // Before the first step: who wants to be asked before anything.
            return idle && begun_before(run_.position) && step != nullptr &&
                   (run_.position == 0 || std::holds_alternative<Pause>(step->what));
        case State::finished:
            return idle && run_.position == steps_ && (key_ || begun_before(steps_));
        case State::failed:
        case State::cancelled:
            break;
        }
        return !any(Status::running) &&
               (key_ ? run_.position == steps_ : begun_before(run_.position) || begun_with(run_.position));
    }

    const Script& script_;
    const Run& run_;
    std::size_t steps_;
    std::size_t begun_ = 0;
    bool key_ = false;
};
} // namespace

std::string format_run(const Run& run)
{
    json items = json::array();
    for (const Item& item : run.items)
    {
        items.push_back(to_json(item));
    }
    json out{{"v", version}, {"state", word(run.state)}, {"position", run.position}, {"items", std::move(items)}};
    if (run.due)
    {
        out["due"] = to_micros(*run.due);
    }
    if (run.cause != Cause::none)
    {
        out["cause"] = word(run.cause);
    }
    return out.dump();
}

Result<Run> parse_run(std::string_view text, const Script& script)
{
    if (text.size() > longest_run)
    {
        return fail(Errc::too_large, "scenario run", "the text is longer than any that was written");
    }
    const json object = json::parse(text, nullptr, false);
    if (!object.is_object())
    {
        return bad_run("the text is not a JSON object");
    }
    const auto written = object.find("v");
    if (written == object.end() || !written->is_number_integer() || *written != version)
    {
        return fail(Errc::unsupported, "scenario run", "its version is not 1, the one that is known");
    }
    auto run = read_run(object);
    if (!run || format_run(*run) != text)
    {
        return bad_run("the text is not as it was written");
    }
    if (!Fit(script, *run).good())
    {
        return bad_run("the state is none that this scenario can be in");
    }
    return std::move(*run);
}
} // namespace ringpost::scenario
