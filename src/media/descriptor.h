// SPDX-License-Identifier: Apache-2.0
// A file descriptor that is closed once.
#pragma once

#include <unistd.h>
#include <utility>

namespace ringpost::media
{
class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { reset(); }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        reset(std::exchange(other.number_, -1));
        return *this;
    }

    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool open() const { return number_ >= 0; }
    void reset(int number = -1)
    {
        if (number_ >= 0)
        {
            ::close(number_);
        }
        number_ = number;
    }

private:
    int number_ = -1;
};
} // namespace ringpost::media
