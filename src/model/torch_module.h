#pragma once
// TorchScript behind one small class. Internal to the model and gan layers: no other file includes torch headers.

#include <string>
#include <vector>

#include <torch/script.h>
#include <opencv2/core.hpp>

#include "model/fused_ops.h"
#include "swiftavatar/model.h"

namespace swiftavatar {

/// Whether results of a network are asked for their gradients.
enum class Use { forward_only, gradients };

/// A TorchScript network of a bundle, loaded from the bytes whose hash was checked. Calls are safe from several
/// threads.
class TorchModule {
 public:
  /// `forward_only`: `forward` may run by operators that have no gradients (CPU only; packed_convolutions.h).
  /// Throws Failure: model_missing, model_corrupt, device_failed, out_of_memory.
  TorchModule(const Bundle& bundle, const std::string& role, const Device& device, Use use = Use::gradients);

  const ModelEntry& entry() const { return entry_; }
  const torch::Device& device() const { return device_; }
  /// What the fused operators have replaced: on a GPU, and nothing on the CPU, whose convolutions are faster plain.
  const Fused& fused() const { return fused_; }
  bool has_method(const std::string& name) const { return module_.find_method(name).has_value(); }

  /// Runs a method; its result is one tensor or a tuple of tensors. Records gradients where the caller's mode does.
  /// Throws Failure: out_of_memory, device_failed, or model_corrupt when the network refuses what the manifest promises
  /// or does not answer with `outputs` tensors.
  std::vector<torch::Tensor> run(const std::vector<torch::Tensor>& inputs, size_t outputs,
                                 const std::string& method = "forward") const;

  /// The same for arguments and results of any type.
  torch::jit::IValue call(const std::string& method, std::vector<torch::jit::IValue> arguments) const;

  /// Side of the first input or output, a square picture, by the manifest. Throws Failure: model_corrupt.
  int input_size() const;
  int output_size() const;

  /// Throws Failure(model_corrupt): "FILE: WHAT; restore the file or ...".
  [[noreturn]] void refuse(const std::string& what) const;

  /// Does work with what the network gives. Whatever LibTorch throws in it leaves as a Failure: out_of_memory,
  /// device_failed, or model_corrupt, for then the network's answers do not fit the manifest or the bundle's others.
  template <class Work>
  auto guarded(const Work& work) const {
    try {
      return work();
    } catch (...) {
      throw_failure("gives answers that do not fit the manifest or the bundle's other models");
    }
  }

 private:
  Error corrupt(const std::string& what) const;
  /// Throws what the exception in flight comes to; where neither memory nor the GPU is to blame, "FILE: WHAT".
  [[noreturn]] void throw_failure(const std::string& what) const;

  ModelEntry entry_;
  torch::Device device_;
  Fused fused_;
  mutable torch::jit::Module module_;  // run() does not change it; torch's interface is not const
};

/// `values` of the host on `device`. For a GPU they go through pinned memory: the copy needs no detour and is waited
/// for by the work that reads it, not here.
torch::Tensor to_device(const torch::Tensor& values, const torch::Device& device);

/// CV_8UC3 pictures, one or more of one size, as a float tensor [N,3,H,W] (channels last in memory) on `device`, 0 to
/// `low` and 255 to `high`.
torch::Tensor image_tensor(const std::vector<cv::Mat>& pictures, double low, double high, const torch::Device& device);

/// Planes of CV_32F of one or more faces, as many of each, as [N, planes, size, size] on `device`.
torch::Tensor parts_tensor(const std::vector<std::vector<cv::Mat>>& faces, int size, const torch::Device& device);

/// A picture of any type resampled to `size` x `size`, area-averaged when shrinking.
cv::Mat resize_square(const cv::Mat& image, int size);

/// Between our plain arrays and torch; copies.
torch::Tensor to_torch(const Tensor& tensor, const torch::Device& device);
Tensor from_torch(const torch::Tensor& tensor);

}  // namespace swiftavatar
