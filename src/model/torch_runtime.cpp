// What the program asks of LibTorch besides running networks.

#include <algorithm>
#include <atomic>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include "model/networks.h"
#include "model/search_threads.h"

namespace swiftavatar {

namespace {

std::atomic<int> threads_of_a_search = 0;  // 0: as many as a call of a network has

}  // namespace

int swiftavatar_usable_gpus() {
  try {
    return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
  } catch (const std::exception&) {  // a driver that is too old throws
    return 0;
  }
}

int search_threads() {
  const int threads = threads_of_a_search;
  return threads > 0 ? threads : at::get_num_threads();
}

void swiftavatar_limit_threads(int per_call, int per_search) {
  threads_of_a_search = std::min(per_search, search_threads());
  at::set_num_threads(std::min(per_call, at::get_num_threads()));
}

bool swiftavatar_uses_tf32() { return at::globalContext().allowTF32CuDNN() || at::globalContext().allowTF32CuBLAS(); }

std::string swiftavatar_torch_version() { return TORCH_VERSION; }

}  // namespace swiftavatar
