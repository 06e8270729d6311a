// Stands in for gpus.cu in builds without a CUDA toolkit.

#include "cuda/gpus.h"

namespace swiftavatar {

std::vector<Gpu> list_gpus() { return {}; }

bool built_with_cuda() { return false; }

}  // namespace swiftavatar
