#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace swiftavatar {

/// A CUDA device as the driver describes it.
struct Gpu {
  std::string name;
  size_t memory_bytes = 0;
  int major = 0, minor = 0;  ///< compute capability
};

/// The machine's CUDA devices, in the driver's order. Empty in builds without CUDA, and where there is no driver.
std::vector<Gpu> list_gpus();

/// Whether this build has the CUDA sources.
bool built_with_cuda();

}  // namespace swiftavatar
