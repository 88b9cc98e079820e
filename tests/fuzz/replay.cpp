// SPDX-License-Identifier: Apache-2.0
// `ringpost_replay TARGET FOLDER` feeds a fuzz target with nothing and with each file of FOLDER, whole and cut off at
// each octet of the first 200; a target that finds something aborts. For builds without libFuzzer.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace
{
using Target = int (*)(const std::uint8_t*, std::size_t);

struct NamedTarget
{
    std::string_view name;
    Target target;
};
} // namespace

// The list of fuzz targets: TARGET(name) for each (tests/fuzz/CMakeLists.txt writes it).
#define TARGET(name) extern "C" int fuzz_##name(const std::uint8_t*, std::size_t);
#include "targets.inc"
#undef TARGET

namespace
{
#define TARGET(name) {#name, &fuzz_##name},
constexpr NamedTarget targets[] = {
#include "targets.inc"
};
#undef TARGET

constexpr std::size_t cuts = 200;

/// A copy of exactly this size, so that the sanitizer sees a read behind its end.
void feed(Target target, const std::vector<char>& input, std::size_t size)
{
    const std::vector<std::uint8_t> octets(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
    target(octets.data(), octets.size());
}

bool replay(Target target, const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> input{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    for (std::size_t size = 0; size < std::min(input.size(), cuts); ++size)
    {
        feed(target, input, size);
    }
    feed(target, input, input.size());
    return !in.bad() && !input.empty();
}
} // namespace

int main(int argc, char** argv)
{
    const std::string_view name = argc == 3 ? argv[1] : "";
    const auto found = std::ranges::find(targets, name, &NamedTarget::name);
    if (found == std::end(targets))
    {
        std::fputs("usage: ringpost_replay TARGET FOLDER\n", stderr);
        return EXIT_FAILURE;
    }
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(argv[2]))
    {
        if (!replay(found->target, entry.path()))
        {
            std::fprintf(stderr, "%s: cannot be read, or is empty\n", entry.path().c_str());
            return EXIT_FAILURE;
        }
        ++count;
    }
    std::printf("%zu files\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
