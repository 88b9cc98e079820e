// SPDX-License-Identifier: Apache-2.0
#include "simulation/people.h"

#include "simulation/customs.h"

namespace ringpost::simulation
{
namespace
{
constexpr Duration forever = 100 * 24h;
}

std::size_t somebody_called(Dice& dice, std::size_t count)
{
    const bool popular = dice.chance(customs::popular_calls);
    const auto few = static_cast<std::size_t>(static_cast<double>(count) * customs::popular_telephones);
    return dice.below(popular && few > 0 ? few : count);
}

People::People(Agenda& agenda, Office& office, std::uint64_t seed, std::uint64_t stream)
    : agenda_(agenda), office_(office), calling_(seed, stream), leaving_(seed, stream + 1),
      unplugging_(seed, stream + 2)
{
    const std::size_t count = office.options().telephones;
    people_.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        people_.push_back({Dice(seed, stream + 1000 + i)});
        prepare(i);
    }
    watch_ = office.exchange().watch([this](const pbx::TelephoneEvent& event) { on_change(event); });
}

void People::live(Duration day)
{
    begin_ = agenda_.clock().now();
    end_ = begin_ + day;
    next_call();
    next_absence();
    next_unplugging();
}

void People::on_change(const pbx::TelephoneEvent& event)
{
    office_.witness().device_changed(event.number);
    if (event.event == pbx::telephone_word(pbx::DeviceState::idle))
    {
        prepare(index_of(event.number));
    }
}

/// What this person will do at the next call.
void People::prepare(std::size_t index)
{
    Person& person = people_[index];
    pbx::Habit habit;
    const bool rejects = person.dice.chance(customs::rejects);
    habit.answer = rejects ? pbx::Habit::Answer::reject : pbx::Habit::Answer::after;
    habit.answer_after = customs::answer_least + person.dice.around(customs::answer_mean, customs::answer_most);
    // Two who talk each have a time of their own; the shorter one counts, which is half as long on average.
    habit.talk = person.dice.around(2 * customs::talk, customs::longest_talk);
    if (person.away > 0)
    {
        habit.answer = pbx::Habit::Answer::never;
    }
    office_.exchange().set(extension(index), [&habit](pbx::Habit& now) { now = habit; }).value();
}

void People::next_call()
{
    constexpr Duration between_calls{static_cast<Duration::rep>(Duration{1h}.count() / customs::calls_an_hour)};
    // As many as in the busiest time; those that are too many for the time of the day are not made.
    const auto busiest = static_cast<Duration::rep>(static_cast<double>(gap(between_calls).count()) / customs::busiest);
    agenda_.after(calling_.around(Duration{busiest}, forever), [this] {
        if (!day_over())
        {
            call_by_hand();
            next_call();
        }
    });
}

void People::call_by_hand()
{
    const std::size_t from = calling_.below(people_.size());
    const std::size_t to = somebody_called(calling_, people_.size());
    const bool far = calling_.chance(customs::far_calls);
    const double shape = calling_.share() * customs::busiest;
    const auto eighths = static_cast<double>((agenda_.clock().now() - begin_) * 8 / Duration{1}) /
                         static_cast<double>((end_ - begin_) / Duration{1});
    if (shape >= customs::day_shape.at(static_cast<std::size_t>(eighths)) || (!far && from == to))
    {
        return;
    }
    const std::string number = far ? office_.options().other_prefix + extension(to) : extension(to);
    // Who is in a call does not make another one.
    const bool made = office_.exchange().call(extension(from), number).has_value();
    calls_ += static_cast<std::size_t>(made);
}

void People::next_absence()
{
    agenda_.after(leaving_.around(gap(customs::present), forever), [this] {
        const std::size_t index = leaving_.below(people_.size());
        const Duration absence = leaving_.around(customs::absent, customs::longest_absence);
        if (!day_over())
        {
            leave(index, absence);
            next_absence();
        }
    });
}

void People::leave(std::size_t index, Duration absence)
{
    ++people_[index].away;
    prepare(index);
    agenda_.after(absence, [this, index] {
        --people_[index].away;
        prepare(index);
    });
}

void People::next_unplugging()
{
    agenda_.after(unplugging_.around(gap(customs::plugged), forever), [this] {
        const std::string number = extension(unplugging_.below(people_.size()));
        const Duration time = unplugging_.around(customs::unplugged, customs::longest_unplugged);
        if (!day_over())
        {
            unplug(number, time);
            next_unplugging();
        }
    });
}

void People::unplug(const std::string& number, Duration time)
{
    office_.exchange().set_reachable(number, false).value();
    agenda_.after(time, [this, number] { office_.exchange().set_reachable(number, true).value(); });
}
} // namespace ringpost::simulation
