#pragma once
// The arithmetic of the fused operators, one output value at a time: the same code runs as a CUDA kernel
// (pixel_kernels.cu) and on the host (run_on_host), where the tests check it. No torch here: nvcc compiles this without
// LibTorch.

#include <cstdint>

#ifdef __CUDACC__
#define SWIFTAVATAR_BOTH __host__ __device__
#else
#define SWIFTAVATAR_BOTH
#endif

namespace swiftavatar {

/// What is added to a tensor: value (i / inner) % count belongs to element i. A bias of each channel of [N,C,H,W] has
/// inner = H*W and count = C; a map that all channels share has inner = 1 and count = H*W; none has count = 0.
struct Addend {
  const float* values = nullptr;
  int64_t inner = 1, count = 0;

  SWIFTAVATAR_BOTH float at(int64_t i) const { return count > 0 ? values[i / inner % count] : 0.0F; }
};

/// y = gain * leaky_relu(x + bias + map): one pass over memory instead of four. gain and slope are above 0.
struct BiasLeaky {
  const float* x;
  float* y;
  Addend bias, map;
  float slope, gain;

  SWIFTAVATAR_BOTH void operator()(int64_t i) const {
    const float sum = x[i] + bias.at(i) + map.at(i);
    y[i] = gain * (sum > 0 ? sum : slope * sum);
  }
};

/// Gradient of BiasLeaky to x, from the gradient to y and y itself, whose sign is that of the sum.
struct BiasLeakyGradient {
  const float* gradient;
  const float* y;
  float* result;
  float slope, gain;

  SWIFTAVATAR_BOTH void operator()(int64_t i) const { result[i] = gradient[i] * (y[i] > 0 ? gain : slope * gain); }
};

/// Each plane [in_height, in_width] of x with up - 1 zeros put after each value, `before` zeros put in front (negative:
/// so many values cut off) and as many behind as the output's size asks for, correlated with the kernel [side, side];
/// of that, every down-th value. `flip` turns the kernel round.
struct UpFirDown {
  const float* x;
  const float* kernel;
  float* y;
  int64_t in_height, in_width, out_height, out_width;
  int up, down, before, side;
  bool flip;

  SWIFTAVATAR_BOTH void operator()(int64_t i) const {
    const int64_t column = i % out_width, row = i / out_width % out_height, plane = i / (out_width * out_height);
    const int64_t top = row * down - before, left = column * down - before;
    // the first taps that meet a value of x, not one of the zeros between or before them
    const int first_ky = first_tap(top), first_kx = first_tap(left);
    const float* const source = x + plane * in_height * in_width;
    float sum = 0;
    for (int ky = first_ky; ky < side; ky += up) {
      const int64_t y_in = (top + ky) / up;
      if (y_in >= in_height) break;
      for (int kx = first_kx; kx < side; kx += up) {
        const int64_t x_in = (left + kx) / up;
        if (x_in >= in_width) break;
        const int tap = ky * side + kx;
        sum += source[y_in * in_width + x_in] * kernel[flip ? side * side - 1 - tap : tap];
      }
    }
    y[i] = sum;
  }

 private:
  SWIFTAVATAR_BOTH int first_tap(int64_t start) const {
    if (start <= 0) return static_cast<int>(-start);
    return static_cast<int>((up - start % up) % up);
  }
};

template <typename Op>
void run_on_host(const Op& op, int64_t first, int64_t last) {
  for (int64_t i = first; i < last; ++i) op(i);
}

/// Runs an operator for 0 <= i < count on the current device, in `stream` (a cudaStream_t). Only in CUDA builds.
/// Returns false where the launch failed; cudaGetLastError has been called then, and `message` says why.
bool run_on_gpu(const BiasLeaky& op, int64_t count, void* stream, const char*& message);
bool run_on_gpu(const BiasLeakyGradient& op, int64_t count, void* stream, const char*& message);
bool run_on_gpu(const UpFirDown& op, int64_t count, void* stream, const char*& message);

}  // namespace swiftavatar
