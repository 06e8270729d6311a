#pragma once
// The program's end of one swiftavatar-decode.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "base/descriptor.h"
#include "swiftavatar/image.h"

namespace swiftavatar {

/// A running decoder. Its answers are checked as any input: it may have been taken over by the image it looked at.
class DecoderProcess {
 public:
  /// Starts it. Throws Failure internal.
  explicit DecoderProcess(const DecoderOptions& options);
  DecoderProcess(const DecoderProcess&) = delete;
  DecoderProcess& operator=(const DecoderProcess&) = delete;
  ~DecoderProcess();

  /// As decode_unnamed; also crashed and timeout, after which the process is gone.
  /// Throws Failure internal where it never came up.
  Result<DecodedImage> decode(std::span<const uint8_t> bytes);

  bool is_usable() const { return socket_.is_open(); }

 private:
  using Clock = std::chrono::steady_clock;
  class Stalled {};  // the time is up
  class Gone {};     // the other end closed, or says what cannot be

  void await_ready();
  Result<DecodedImage> converse(std::span<const uint8_t> bytes);
  void send(const void* data, size_t size);
  void receive(void* data, size_t size);
  std::string receive_text();
  void wait_for(short events);
  std::string end();

  const DecoderOptions& options_;
  Descriptor socket_;
  pid_t id_ = 0;
  bool ready_ = false;
  Clock::time_point deadline_;
};

}  // namespace swiftavatar
