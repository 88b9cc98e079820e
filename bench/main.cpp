// SPDX-License-Identifier: Apache-2.0
// One bench for each run of the program, so that memory is that of one; prints its lines of the report as JSON.
#include "bench/benches.h"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>

namespace
{
using namespace ringpost;
using Bench = std::vector<bench::Row> (*)(const bench::Size&);

const std::map<std::string, Bench>& benches()
{
    static const std::map<std::string, Bench> all{{"accept", bench::accept},       {"recover", bench::recover},
                                                  {"release", bench::release},     {"reception", bench::reception},
                                                  {"looks", bench::looks},         {"expiries", bench::expiries},
                                                  {"playbacks", bench::playbacks}, {"faxes", bench::faxes},
                                                  {"storm", bench::storm},         {"prepare", bench::prepare}};
    return all;
}
} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Benches of the service");
    std::string name;
    bench::Size size;
    app.add_option("bench", name,
                   "accept, recover, release, reception, looks, expiries, playbacks, faxes, storm or prepare")
        ->required();
    app.add_option("--directory", size.directory, "Where the database is")->required();
    app.add_option("--waiting", size.waiting, "Camp-ons that wait")->required();
    app.add_option("--devices", size.devices, "Devices for which they wait")->required();
    app.add_option("--samples", size.samples, "Calls that are measured");
    app.add_option("--doublings", size.doublings, "So often twice as many are tried");
    app.add_option("--rate", size.rate, "Of them in a second")->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    const auto found = benches().find(name);
    if (found == benches().end())
    {
        std::cerr << "ringpost_bench: there is no bench " << name << '\n';
        return EXIT_FAILURE;
    }
    try
    {
        std::cout << bench::as_json(found->second(size)) << '\n';
    }
    catch (const std::exception& error)
    {
        std::cerr << "ringpost_bench " << name << ": " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
