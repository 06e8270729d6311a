#include "model/torch_module.h"

#include <algorithm>
#include <cstring>

#include <ATen/Context.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <opencv2/imgproc.hpp>

#include "base/boundary.h"
#include "model/fold_constants.h"
#include "model/packed_convolutions.h"
#include "model/spec.h"

namespace swiftavatar {

namespace {

/// Lets TorchScript read the very bytes that were hashed.
class MemoryReader : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit MemoryReader(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}

  size_t size() const override { return bytes_.size(); }

  size_t read(uint64_t position, void* buffer, size_t count, const char*) const override {
    if (position >= bytes_.size()) return 0;
    const size_t available = std::min<size_t>(count, bytes_.size() - position);
    std::memcpy(buffer, bytes_.data() + position, available);
    return available;
  }

 private:
  std::vector<uint8_t> bytes_;
};

std::vector<torch::Tensor> tensors_of(const torch::jit::IValue& value) {
  if (value.isTensor()) return {value.toTensor()};
  std::vector<torch::Tensor> tensors;
  if (value.isTuple()) {
    for (const torch::jit::IValue& element : value.toTupleRef().elements()) {
      if (element.isTensor()) tensors.push_back(element.toTensor());
    }
  }
  return tensors;
}

/// TF32 would keep 10 bits of each factor: faster, but not the same picture as on the CPU to four digits.
void use_whole_floats() {
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
}

/// Whether the device still computes; a GPU after an illegal access, or without its driver, fails at everything.
bool works(const torch::Device& device) {
  if (!device.is_cuda()) return true;
  try {
    return torch::ones({1}, device).item<float>() == 1;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

TorchModule::TorchModule(const Bundle& bundle, const std::string& role, const Device& device, Use use)
    : entry_(bundle.entry(role).value()), device_(device.name) {
  const auto reader = std::make_shared<MemoryReader>(Bundle::read_verified(entry_).value());
  try {
    module_ = torch::jit::load(reader, device_, /*load_debug_files=*/false);
    module_.eval();
    fold_constants(module_);
    for (torch::Tensor parameter : module_.parameters()) parameter.set_requires_grad(false);
    if (device_.is_cuda()) {
      use_whole_floats();
      fused_ = fuse(module_);
    } else if (use == Use::forward_only) {
      pack_convolutions(module_);
    }
  } catch (...) {
    throw_failure("is not a TorchScript file that this program can read");
  }
}

std::vector<torch::Tensor> TorchModule::run(const std::vector<torch::Tensor>& inputs, size_t outputs,
                                            const std::string& method) const {
  std::vector<torch::Tensor> results = tensors_of(call(method, {inputs.begin(), inputs.end()}));
  if (results.size() != outputs) {
    refuse("gives " + std::to_string(results.size()) + " tensors where " + std::to_string(outputs) +
           " are expected (method " + method + ")");
  }
  return results;
}

torch::jit::IValue TorchModule::call(const std::string& method, std::vector<torch::jit::IValue> arguments) const {
  // The optimising executor spends the first calls on compiling: five times the time of a photo, and gains nothing
  // after.
  const torch::jit::GraphOptimizerEnabledGuard plain_interpreter(false);
  try {
    return module_.get_method(method)(std::move(arguments));
  } catch (...) {
    throw_failure("cannot process the input that the manifest describes (method " + method + ")");
  }
}

int TorchModule::input_size() const { return picture_side(entry_, "inputs"); }

int TorchModule::output_size() const { return picture_side(entry_, "outputs"); }

Error TorchModule::corrupt(const std::string& what) const {
  return {ErrorCode::model_corrupt,
          entry_.path.string() + ": " + what + "; restore the bundle or choose another one with --bundle."};
}

void TorchModule::refuse(const std::string& what) const { throw Failure(corrupt(what)); }

void TorchModule::throw_failure(const std::string& what) const {
  Error error = error_in_flight(corrupt(what));
  // The file is what its hash promises: it is to blame only where the GPU still works.
  if (error.code == ErrorCode::model_corrupt && !error.cause.empty() && !works(device_)) {
    error = device_fault(std::move(error.cause));
  }
  throw Failure(std::move(error));
}

torch::Tensor to_device(const torch::Tensor& values, const torch::Device& device) {
  return device.is_cuda() ? values.pin_memory().to(device, /*non_blocking=*/true) : values;
}

torch::Tensor image_tensor(const std::vector<cv::Mat>& pictures, double low, double high, const torch::Device& device) {
  // The pixels stay together as OpenCV has them (channels last): convolutions are twice as fast on that.
  const torch::Tensor pixels =
      torch::empty({static_cast<int64_t>(pictures.size()), pictures.front().rows, pictures.front().cols, 3});
  float* values = pixels.mutable_data_ptr<float>();
  for (const cv::Mat& picture : pictures) {
    TORCH_CHECK(picture.size() == pictures.front().size(), "pictures of one batch have one size");
    cv::Mat scaled(pictures.front().size(), CV_32FC3, values);
    picture.convertTo(scaled, CV_32FC3, (high - low) / 255, low);
    values += scaled.total() * 3;
  }
  return to_device(pixels, device).permute({0, 3, 1, 2});
}

cv::Mat resize_square(const cv::Mat& image, int size) {
  if (image.rows == size && image.cols == size) return image;
  cv::Mat resized;
  cv::resize(image, resized, {size, size}, 0, 0, image.cols > size ? cv::INTER_AREA : cv::INTER_LINEAR);
  return resized;
}

torch::Tensor parts_tensor(const std::vector<std::vector<cv::Mat>>& faces, int size, const torch::Device& device) {
  const torch::Tensor planes =
      torch::empty({static_cast<int64_t>(faces.size()), static_cast<int64_t>(faces.front().size()), size, size});
  float* values = planes.mutable_data_ptr<float>();
  for (const std::vector<cv::Mat>& parts : faces) {
    TORCH_CHECK(parts.size() == faces.front().size(), "faces of one batch have as many parts");
    for (const cv::Mat& part : parts) {
      resize_square(part, size).copyTo(cv::Mat(size, size, CV_32F, values));
      values += static_cast<ptrdiff_t>(size) * size;
    }
  }
  return to_device(planes, device);
}

torch::Tensor to_torch(const Tensor& tensor, const torch::Device& device) {
  return torch::tensor(tensor.data, torch::kFloat32).reshape(tensor.shape).to(device);
}

Tensor from_torch(const torch::Tensor& tensor) {
  const torch::Tensor plain = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  const float* data = plain.const_data_ptr<float>();
  return {.shape = plain.sizes().vec(), .data = {data, data + plain.numel()}};
}

}  // namespace swiftavatar
