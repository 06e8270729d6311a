#include <charconv>

#include "model/networks.h"

namespace swiftavatar {

Result<Device> resolve_device(const std::string& wanted) {
  if (wanted == "cpu") return Device{};
  if (wanted == "auto") {
    if (usable_gpus() > 0) return Device{.name = "cuda:0"};
    return Device{.name = "cpu", .fell_back = true};
  }

  const std::string_view prefix = "cuda:";
  int index = 0;
  if (wanted.starts_with(prefix)) {
    const char* const end = wanted.data() + wanted.size();
    const auto [rest, error] = std::from_chars(wanted.data() + prefix.size(), end, index);
    if (error != std::errc() || rest != end || index < 0) index = -1;
  } else if (wanted != "cuda") {
    index = -1;
  }
  if (index < 0) return Error{ErrorCode::usage, "--device " + wanted + ": choose auto, cpu, cuda or cuda:n."};

  const int gpus = usable_gpus();
  if (gpus == 0) {
    return Error{ErrorCode::no_device,
                 "--device " + wanted +
                     ": this program finds no GPU that it can use; choose "
                     "--device cpu or auto, or run a build with CUDA on a machine with an NVIDIA GPU."};
  }
  if (index >= gpus) {
    return Error{ErrorCode::no_device, "--device " + wanted + ": this machine has " + std::to_string(gpus) +
                                           " GPU(s), the last one is cuda:" + std::to_string(gpus - 1) + "."};
  }
  return Device{.name = prefix.data() + std::to_string(index)};
}

}  // namespace swiftavatar
