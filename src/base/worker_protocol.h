#pragma once
// What the program and its workers (swiftavatar-decode, swiftavatar-draw) say to each other over a stream socket, which
// is the worker's descriptor 0. Each message is a header, a head in JSON and a body of bytes. The worker speaks first:
// {"version", "sandbox", "weak"}, where weak is true without seccomp; or {"error"} where it cannot work. Then each
// request gets an answer; what they say stands in decoder_service.h and draw/service.h.

#include <cstdint>

namespace swiftavatar {

struct MessageHeader {
  uint64_t body = 0;  ///< bytes
  uint64_t head = 0;  ///< bytes of JSON
};

inline constexpr uint64_t kMaxHead = 1 << 20;

}  // namespace swiftavatar
