#pragma once
// Many small inputs of a network, a few at a time. Internal to the model layer.

#include <algorithm>
#include <exception>
#include <mutex>

#include <torch/script.h>

#include "model/search_threads.h"

namespace swiftavatar {

/// Calls `work(first, count)` for each few of `items`, without gradients. On the CPU several of them run at once, on up
/// to `search_threads()` threads: the layers of small networks are too small to be shared by threads, whole batches are
/// not. Rethrows the first exception of `work`.
template <class Work>
void in_batches(const torch::Device& device, size_t items, const Work& work) {
  constexpr size_t kBatch = 4;  // what they fill stays in the caches: a quarter less time than with 16
  const size_t batches = (items + kBatch - 1) / kBatch;
  [[maybe_unused]] const int threads =
      device.is_cpu() ? std::max(1, std::min(static_cast<int>(batches), search_threads())) : 1;
  std::exception_ptr failure;
  std::mutex mutex;
#ifdef _OPENMP
#pragma omp parallel for num_threads(threads) schedule(dynamic)
#endif
  for (size_t batch = 0; batch < batches; ++batch) {
    try {
      const torch::InferenceMode no_gradients;  // is each thread's own
      work(batch * kBatch, std::min(kBatch, items - batch * kBatch));
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace swiftavatar
