#pragma once
// What the program and swiftavatar-decode say to each other over a stream socket, which is the decoder's descriptor 0.
// The decoder speaks first: an answer {"version"}, or {"error"} where it cannot work. Then, for each image, comes a
// request with the image's bytes, and goes an answer: {"code", "message"}, or {"rows", "columns", "format", "width",
// "height", "orientation", "warnings"} with rows x columns pixels of three bytes.

#include <cstdint>
#include <string>

#include "swiftavatar/image.h"

namespace swiftavatar {

struct DecodeRequest {
  uint64_t bytes = 0;  ///< that follow
  DecodeLimits limits;
};

/// Before each answer's JSON text.
struct AnswerHeader {
  uint32_t text = 0;  ///< bytes of JSON
};

inline constexpr uint32_t kMaxAnswerText = 1 << 20;

}  // namespace swiftavatar
