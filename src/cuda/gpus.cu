#include "cuda/gpus.h"

#include <cuda_runtime.h>

namespace swiftavatar {

std::vector<Gpu> list_gpus() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {  // no driver, or one that is too old
    cudaGetLastError();                             // or the error would surface at the next CUDA call
    return {};
  }
  std::vector<Gpu> gpus;
  for (int device = 0; device < count; ++device) {
    cudaDeviceProp properties{};
    if (cudaGetDeviceProperties(&properties, device) != cudaSuccess) continue;
    gpus.push_back({properties.name, properties.totalGlobalMem, properties.major, properties.minor});
  }
  return gpus;
}

bool built_with_cuda() { return true; }

}  // namespace swiftavatar
