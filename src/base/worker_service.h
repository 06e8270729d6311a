#pragma once
// A worker's end of the conversation in worker_protocol.h.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace swiftavatar {

/// Sends the answer to the request in hand.
using Reply = std::function<void(const nlohmann::json& head, std::span<const uint8_t> body)>;

/// What a worker does.
struct WorkerDuty {
  std::string name, purpose;  ///< "swiftavatar-decode", "reads photos"
  std::function<void()>
      prepare;  ///< loads what must be opened: files, libraries, fonts; starts no thread. Throws Failure
  std::function<void(const nlohmann::json& head, std::vector<uint8_t> body, const Reply& reply)> answer;
};

/// A worker's main function; argv[1] is the memory in bytes that it may take. Prepares, enters the sandbox and answers
/// requests until the other end closes, which also ends it in the middle of one. Returns the exit status.
int worker_main(int argc, char** argv, const WorkerDuty& duty);

}  // namespace swiftavatar
