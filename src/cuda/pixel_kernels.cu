#include "cuda/pixel_ops.h"

#include <cuda_runtime.h>

namespace swiftavatar {
namespace {

constexpr int kThreads = 256;
constexpr int64_t kBlocks = 1 << 20;  // beyond that, each thread takes several values

template <typename Op>
__global__ void for_each(Op op, int64_t count) {
  const int64_t stride = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) op(i);
}

template <typename Op>
bool launch(const Op& op, int64_t count, void* stream, const char*& message) {
  if (count == 0) return true;
  const int64_t blocks = (count + kThreads - 1) / kThreads;
  for_each<<<static_cast<unsigned>(blocks < kBlocks ? blocks : kBlocks), kThreads, 0,
             static_cast<cudaStream_t>(stream)>>>(op, count);
  const cudaError_t error = cudaGetLastError();
  message = cudaGetErrorString(error);
  return error == cudaSuccess;
}

}  // namespace

bool run_on_gpu(const BiasLeaky& op, int64_t count, void* stream, const char*& message) {
  return launch(op, count, stream, message);
}
bool run_on_gpu(const BiasLeakyGradient& op, int64_t count, void* stream, const char*& message) {
  return launch(op, count, stream, message);
}
bool run_on_gpu(const UpFirDown& op, int64_t count, void* stream, const char*& message) {
  return launch(op, count, stream, message);
}

}  // namespace swiftavatar
