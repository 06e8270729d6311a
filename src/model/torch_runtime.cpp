// What the program asks of LibTorch besides running networks.

#include <algorithm>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include "model/networks.h"

namespace swiftavatar {

int swiftavatar_usable_gpus() {
  try {
    return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
  } catch (const std::exception&) {  // a driver that is too old throws
    return 0;
  }
}

void swiftavatar_limit_threads_per_call(int threads) { at::set_num_threads(std::min(threads, at::get_num_threads())); }

bool swiftavatar_uses_tf32() { return at::globalContext().allowTF32CuDNN() || at::globalContext().allowTF32CuBLAS(); }

std::string swiftavatar_torch_version() { return TORCH_VERSION; }

}  // namespace swiftavatar
