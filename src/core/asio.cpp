// SPDX-License-Identifier: Apache-2.0
// The parts of Asio that BOOST_ASIO_SEPARATE_COMPILATION leaves out of every other file.
#include <boost/asio/impl/src.hpp>
