#pragma once
// A plain float array with a shape: what codes, masks and head outputs are outside the model layer.

#include <cstdint>
#include <vector>

namespace swiftavatar {

/// Row-major float32 array. `data.size()` is the product of `shape`.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<float> data;
};

}  // namespace swiftavatar
