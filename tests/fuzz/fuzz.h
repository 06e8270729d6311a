#pragma once
// What the fuzz targets share. A target is one function that is fed bytes: by libFuzzer in the preset `fuzz`, by
// replay.cpp in all others.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "swiftavatar/result.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace swiftavatar::fuzz {

/// Ends the program where a promise is broken, which the fuzzer takes for the crash that it is.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

/// An error says something, and of the kind that is `status` at the program's end.
inline void require_error(const Error& error, int status) {
  require(!error.message.empty(), "an error has a message");
  require(exit_status(error.code) == status, "the input is to blame, not the program");
}

inline std::string text_of(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

}  // namespace swiftavatar::fuzz
