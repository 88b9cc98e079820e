// SPDX-License-Identifier: Apache-2.0
// Real SIP telephones of a trial or test bed: headless baresip programs, each driven over its ctrl_tcp module, so that
// `ringpost phone …` works with an exchange that has no telephones of its own.
// Each program has the modules account, menu and ctrl_tcp, one account, `call_max_calls 1`, and an audio source that
// does not end: at the end of an aufile baresip 1.0.0 ends the call. It serves one ctrl_tcp connection; a new one takes
// the place of the old.
// A telephone whose program is not reached, or is not registered, is unreachable. Everything on one executor; Clock
// and executor must outlive it.
#pragma once

#include "core/clock.h"
#include "core/config.h"
#include "core/spawn.h"
#include "pbx/baresip/softphone.h"
#include "pbx/outbox.h"
#include "pbx/telephones.h"

#include <boost/asio/any_io_executor.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ringpost::pbx
{
class BaresipTelephones : public Telephones
{
public:
    /// Begins to connect; every person answers after `answer_after` until set() says otherwise.
    /// Errc::malformed: an address is not numeric; Errc::conflict: an extension is named twice.
    [[nodiscard]] static Result<std::unique_ptr<BaresipTelephones>> open(const boost::asio::any_io_executor& executor,
                                                                         Clock& clock,
                                                                         const std::vector<SoftphoneAddress>& addresses,
                                                                         Duration answer_after);
    ~BaresipTelephones() override;
    BaresipTelephones(const BaresipTelephones&) = delete;
    BaresipTelephones& operator=(const BaresipTelephones&) = delete;

    [[nodiscard]] std::vector<Telephone> list() const override;
    /// Also Errc::malformed: no number; Errc::unavailable: too many commands wait. What becomes of the call is told by
    /// the state of the telephone.
    Result<> call(const std::string& from, const std::string& to) override;
    Result<> answer(const std::string& number) override;
    Result<> hang_up(const std::string& number) override;
    Result<> press(const std::string& number, const std::string& digits) override;
    /// `talk` counts from the answer at this telephone.
    Result<> set(const std::string& number, const std::function<void(Habit&)>& change) override;
    [[nodiscard]] std::unique_ptr<Watch> watch(std::function<void(const TelephoneEvent&)> sink) override;

    /// For test rigs: withdraws the telephone's registration (a call of it ends), or registers it again. Told to the
    /// telephone at once; `unreachable` or `idle` follows. Errc::not_found; Errc::unavailable: not connected.
    Result<> set_registered(const std::string& number, bool registered);

private:
    BaresipTelephones(const boost::asio::any_io_executor& executor, Clock& clock)
        : executor_(executor), clock_(clock), outbox_(executor)
    {}
    Result<> add(const SoftphoneAddress& address, Duration answer_after);
    Result<> at(const std::string& number, const std::function<Result<>(baresip::Line&)>& deed);

    boost::asio::any_io_executor executor_;
    Clock& clock_;
    Outbox outbox_;
    TaskGroup tasks_;
    std::map<std::string, std::shared_ptr<baresip::Softphone>> softphones_;
};
} // namespace ringpost::pbx
