// SPDX-License-Identifier: Apache-2.0
// An office whose people send mails with a scenario, and contents that take time and do nothing else.
#pragma once

#include "core/signal.h"
#include "rig.h"
#include "scenario/director.h"
#include "store/mails.h"

#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ringpost::service::test
{
inline constexpr Duration length = 10s; // of every recording
inline constexpr int fax = 4;           // a content of two pages, each of which takes 4 s
inline constexpr int broken = 5;        // its performance throws

/// Plays nothing for so long as a recording takes, asks for so long, or sends a FAX.
class Voice : public Content
{
public:
    Voice(Rig& rig, std::vector<int>& played, const store::Request& request)
        : rig_(rig), signal_(rig.context().get_executor(), rig.clock()), played_(played), content_(request.content),
          asks_(request.medium == Medium::inquiry || request.medium == Medium::pin), medium_(request.medium),
          pages_(request.pages.value_or(0))
    {}

    boost::asio::awaitable<Result<Performance>> perform(pbx::Exchange& exchange, AttemptId attempt, Told told) override
    {
        auto port = co_await exchange.connect_port(attempt);
        if (port.has_error())
        {
            co_return port.error();
        }
        if (content_ == broken)
        {
            throw std::length_error("of the test");
        }
        if (medium_ == Medium::fax)
        {
            auto sent = co_await send(**port, told);
            port->reset();
            co_return sent;
        }
        if (!asks_)
        {
            played_.push_back(content_);
        }
        Performance performance;
        pbx::AudioPort::Sinks sinks;
        sinks.digit = [&](char key) {
            if (asks_ && (key == '1' || key == '2') && !performance.answer)
            {
                performance.answer = key == '1';
            }
            performance.connect = performance.connect || (!asks_ && key == '9');
            signal_.notify();
        };
        sinks.closed = [&] { stop(); };
        (*port)->listen(std::move(sinks));
        const Instant begun = rig_.now();
        while (!closed_ && !performance.connect && !performance.answer && rig_.now() < begun + length)
        {
            co_await signal_.wait(begun + length);
        }
        performance.open = !closed_ && medium_ != Medium::pin;
        performance.connect = performance.connect && !closed_;
        performance.cause =
            medium_ == Medium::pin && !performance.answer.value_or(false) ? Cause::declined : Cause::none;
        if (!asks_)
        {
            performance.heard = rig_.now() - begun;
        }
        port->reset();
        co_return performance;
    }

    void stop() override
    {
        closed_ = true;
        signal_.notify();
    }

private:
    /// Pages are confirmed in the last moment, also in that in which the call ends.
    boost::asio::awaitable<Performance> send(pbx::AudioPort& port, const Told& told)
    {
        pbx::AudioPort::Sinks sinks;
        sinks.closed = [this] { stop(); };
        port.listen(std::move(sinks));
        while (!closed_ && pages_ < 2)
        {
            co_await signal_.wait(rig_.now() + 4s);
            ++pages_;
            played_.push_back(pages_);
            told(Progress{pages_, pages_ == 2, 9600, "machine", {}});
        }
        Performance sent;
        sent.pages = pages_;
        sent.cause = pages_ == 2 ? Cause::none : Cause::congestion;
        sent.retry = true;
        co_return sent;
    }

    Rig& rig_;
    Signal signal_;
    std::vector<int>& played_;
    int content_;
    bool asks_;
    Medium medium_;
    int pages_;
    bool closed_ = false;
};

class Voices : public ContentController
{
public:
    explicit Voices(Rig& rig) : rig_(rig) {}

    boost::asio::awaitable<Result<std::shared_ptr<Content>>> prepare(store::Request request) override
    {
        if (damaged.contains(request.content))
        {
            co_return fail(Errc::malformed, "content", "is damaged");
        }
        if (unread.contains(request.content))
        {
            throw std::length_error("of the test");
        }
        if (too_many > 0)
        {
            --too_many;
            co_return fail(Errc::unavailable, "", "too many conversions");
        }
        std::shared_ptr<Content> voice = std::make_shared<Voice>(rig_, played, request);
        co_return voice;
    }

    std::vector<int> played; ///< numbers of contents, as often as they began
    std::set<int> damaged;
    std::set<int> unread; ///< reading them throws
    int too_many = 0;

private:
    Rig& rig_;
};

/// An office whose people send mails with a scenario, about contents 2 and 3, which are voices.
struct MailOffice
{
    explicit MailOffice(test::RigOptions options = {})
        : rig(std::move(options)), voices(rig), director(rig.book(), rig.notices(), rig.directory(), 1h)
    {
        rig.perform_with(voices);
        rig.answers("2000", 1s, 60s);
        rig.answers("2001", 1s, 60s);
    }

    RequestId ask(const std::string& script, const std::string& destination = "2000",
                  const std::function<void(store::Request&)>& change = {})
    {
        store::Request request = rig.order(destination, "2001");
        request.trigger = Trigger::system_recognition;
        request.scenario = true;
        if (change)
        {
            change(request);
        }
        const auto determined = rig.with<Transition>([&](store::Connection& connection) {
            store::Mail mail;
            mail.accepted_at = rig.now();
            mail.content = "x";
            mail.size = 1;
            request.mail = store::Mails(connection).insert(mail);
            store::Mails(connection)
                .insert_contents(*request.mail, {{1, "text/plain", "", "", 0, 1},
                                                 {2, "audio/wav", "", "", 0, 1},
                                                 {3, "audio/wav", "", "", 0, 1},
                                                 {fax, "image/tiff", "", "", 0, 1},
                                                 {broken, "audio/wav", "", "", 0, 1}});
            request.id = store::Requests(connection).insert(request);
            scenario::Director::store(connection, request.id, scenario::canonical(scenario::parse(script, {}).value()));
            return rig.book().apply_in(connection, request, event::Determined{}, rig.now());
        });
        rig.scheduler().handed_over(determined.after);
        rig.book().followed(determined);
        return request.id;
    }

    /// `voice 2 connected 4s`, `exchange 0 failed source-busy`.
    std::vector<std::string> parts(RequestId id)
    {
        std::vector<std::string> lines;
        const auto stored = rig.with<std::vector<store::Request>>(
            [id](store::Connection& connection) { return store::Requests(connection).parts_of(id); });
        for (const auto& part : stored)
        {
            std::string line(word(part.medium));
            line += " " + std::to_string(part.content) + " " + rig.standing(part.id);
            if (part.heard)
            {
                line +=
                    " " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*part.heard).count()) + "s";
            }
            lines.push_back(line);
        }
        return lines;
    }

    /// By mail or page, to the question that is open. False: there is none.
    bool answer(RequestId id, bool ok)
    {
        const auto answered = rig.with<Transition>([&](store::Connection& connection) {
            Transition first = director.answered(connection, id, 0, ok, rig.scheduler().running(), rig.now());
            return first.applied ? first
                                 : director.answered(connection, id, 1, ok, rig.scheduler().running(), rig.now());
        });
        rig.book().followed(answered);
        return answered.applied;
    }

    void press(const std::string& keys) { rig.exchange().press("2000", keys).value(); }

    Rig rig;
    Voices voices;
    scenario::Director director;
};

inline const std::string voice_and_call = "play = message 2 or continue\nplay = message exchange\n";
} // namespace ringpost::service::test
