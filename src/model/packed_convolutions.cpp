#include "model/packed_convolutions.h"

#include <map>
#include <mutex>

#include <ATen/Context.h>
#include <torch/custom_class.h>
#include <torch/library.h>

#include "model/graph.h"

namespace swiftavatar {
namespace {

using torch::Tensor;
using torch::jit::IValue;
using torch::jit::Node;
using torch::jit::Value;

/// The weights of one convolution. oneDNN's layout for them also depends on the input's size. Weights in another layout
/// are reordered at every call, which takes as long as the convolution. So they are laid out once, when the first input
/// of a size comes; the size of the batch does not matter.
class PackedWeight : public torch::CustomClassHolder {
 public:
  explicit PackedWeight(Tensor plain) : plain_(std::move(plain)) {}

  Tensor laid_out(const Tensor& x, c10::IntArrayRef stride, c10::IntArrayRef padding, c10::IntArrayRef dilation,
                  int64_t groups) {
    static const auto reorder = c10::Dispatcher::singleton()
                                    .findSchemaOrThrow("mkldnn::_reorder_convolution_weight", "")
                                    .typed<Tensor(const Tensor&, c10::IntArrayRef, c10::IntArrayRef, c10::IntArrayRef,
                                                  int64_t, c10::OptionalArrayRef<int64_t>)>();
    const std::lock_guard lock(mutex_);
    Tensor& weight = by_size_[{x.size(2), x.size(3)}];
    if (!weight.defined()) weight = reorder.call(plain_, padding, stride, dilation, groups, x.sizes());
    return weight;
  }

 private:
  const Tensor plain_;
  std::map<std::pair<int64_t, int64_t>, Tensor> by_size_;
  std::mutex mutex_;  // of by_size_
};

/// `after` is done to the result: "none", "relu", "leaky_relu" (with its slope) or "hardtanh" (with its bounds).
Tensor packed_convolution(const Tensor& x, const c10::intrusive_ptr<PackedWeight>& weight,
                          const std::optional<Tensor>& bias, c10::IntArrayRef stride, c10::IntArrayRef padding,
                          c10::IntArrayRef dilation, int64_t groups, std::string_view after,
                          c10::ArrayRef<double> numbers) {
  using Scalars = c10::List<std::optional<at::Scalar>>;
  static const auto convolution =
      c10::Dispatcher::singleton()
          .findSchemaOrThrow("mkldnn::_convolution_pointwise", "")
          .typed<Tensor(const Tensor&, const Tensor&, const std::optional<Tensor>&, c10::IntArrayRef, c10::IntArrayRef,
                        c10::IntArrayRef, int64_t, std::string_view, Scalars, std::optional<std::string_view>)>();
  TORCH_CHECK(x.dim() == 4, "a convolution's input has four dimensions");
  Scalars scalars;
  for (const double number : numbers) scalars.push_back(at::Scalar(number));
  const Tensor laid_out = weight->laid_out(x, stride, padding, dilation, groups);
  return convolution.call(x, laid_out, bias, padding, stride, dilation, groups, after, scalars, "");
}

TORCH_LIBRARY_FRAGMENT(swiftavatar, library) {
  library.class_<PackedWeight>("PackedWeight");
  library.def(
      "packed_convolution(Tensor x, __torch__.torch.classes.swiftavatar.PackedWeight weight, Tensor? bias, "
      "int[] stride, int[] padding, int[] dilation, int groups, str after, float[] numbers) -> Tensor",
      packed_convolution);
}

/// A convolution of the graph, with what stands before and after it.
struct Convolution {
  Node* node;
  Value* input;
  Tensor weight;
  std::vector<int64_t> stride, padding, dilation;
  int64_t groups;
  Node* pad = nullptr;         ///< of its input, where the convolution does that itself
  Node* activation = nullptr;  ///< of its output, likewise; with its name and numbers for packed_convolution
  std::string after = "none";
  std::vector<double> numbers;
};

std::optional<Convolution> read_convolution(Node* node) {
  // (input, weight, bias, stride, padding, dilation, groups) and (…, dilation, transposed, output_padding, groups, …)
  const bool traced = is_kind(node, {"aten::_convolution"});
  if (!traced && !is_kind(node, {"aten::conv2d"})) return {};
  const auto weight = constant_tensor(node->input(1));
  const auto bias = constant(node->input(2));
  const auto stride = constant_list(node->input(3)), padding = constant_list(node->input(4));
  const auto dilation = constant_list(node->input(5));
  const auto groups = constant(node->input(traced ? 8 : 6));
  if (!weight || weight->dim() != 4 || weight->scalar_type() != torch::kFloat32 || !bias || !groups ||
      !groups->isInt()) {
    return {};
  }
  if (!stride || !padding || !dilation || stride->size() != 2 || padding->size() != 2 || dilation->size() != 2)
    return {};
  if (traced) {
    const auto transposed = constant(node->input(6));
    if (!transposed || !transposed->isBool() || transposed->toBool()) return {};
  }
  return Convolution{.node = node,
                     .input = node->input(0),
                     .weight = *weight,
                     .stride = *stride,
                     .padding = *padding,
                     .dilation = *dilation,
                     .groups = groups->toInt()};
}

/// Zeros around the convolution's input become its own padding. Where right and bottom have more of them, as in
/// TensorFlow's "same" padding, left and top get as many, and zeros are put before the kernel to skip those.
void take_in_pad(Convolution& convolution) {
  Node* const pad = only_maker(convolution.input, {"aten::pad", "aten::constant_pad_nd"});
  if (!pad) return;
  const auto sides = constant_list(pad->input(1));  // left, right, top, bottom
  const bool named = is_kind(pad, {"aten::pad"});
  const auto mode = named ? constant(pad->input(2)) : std::optional(IValue("constant"));
  const auto value = constant(pad->input(named ? 3 : 2));
  if (!sides || sides->size() != 4 || !mode || !mode->isString() || mode->toStringRef() != "constant" || !value) return;
  if (!value->isNone() && !(value->isScalar() && value->toScalar().toDouble() == 0)) return;
  const int64_t across = (*sides)[1] - (*sides)[0], down = (*sides)[3] - (*sides)[2];
  if ((*sides)[0] < 0 || (*sides)[2] < 0 || across < 0 || down < 0) return;
  if ((across || down) && convolution.dilation != std::vector<int64_t>{1, 1}) return;
  convolution.weight = torch::constant_pad_nd(convolution.weight, {across, 0, down, 0});
  convolution.padding[0] += (*sides)[3];
  convolution.padding[1] += (*sides)[1];
  convolution.input = pad->input(0);
  convolution.pad = pad;
}

void take_in_activation(Convolution& convolution) {
  const Value* const output = convolution.node->output();
  if (output->uses().size() != 1) return;
  Node* const next = output->uses()[0].user;
  if (is_kind(next, {"aten::relu", "aten::relu_"})) {
    convolution.after = "relu";
  } else if (is_kind(next, {"aten::leaky_relu", "aten::leaky_relu_"})) {
    convolution.after = "leaky_relu";
  } else if (is_kind(next, {"aten::clamp", "aten::clamp_", "aten::hardtanh", "aten::hardtanh_"})) {
    convolution.after = "hardtanh";
  } else {
    return;
  }
  std::vector<double> numbers;
  for (const Value* input : next->inputs().slice(1)) {
    const auto number = constant(input);
    if (!number || !number->isScalar()) {
      convolution.after = "none";
      return;
    }
    numbers.push_back(number->toScalar().toDouble());
  }
  convolution.numbers = std::move(numbers);
  convolution.activation = next;
}

class Packing {
 public:
  explicit Packing(torch::jit::Module& module) : module_(module), graph_(*module.get_method("forward").graph()) {}

  int run() {
    visit(graph_.block());
    return count_;
  }

 private:
  void visit(torch::jit::Block* block) {
    const std::vector<Node*> nodes(block->nodes().begin(), block->nodes().end());
    for (Node* node : nodes) {
      for (torch::jit::Block* inner : node->blocks()) visit(inner);
    }
    std::vector<Convolution> found;
    for (Node* node : nodes) {
      if (auto convolution = read_convolution(node)) found.push_back(*std::move(convolution));
    }
    for (Convolution& convolution : found) replace(convolution);
  }

  void replace(Convolution& convolution) {
    convolution.input = convolution.node->input(0);  // an earlier replacement may have changed it
    take_in_pad(convolution);
    take_in_activation(convolution);
    Node* const node = convolution.node;
    std::vector<Value*> inputs = {convolution.input, packed(convolution), node->input(2)};
    for (const auto& pair : {convolution.stride, convolution.padding, convolution.dilation}) {
      inputs.push_back(insert_constant(node, pair));
    }
    inputs.push_back(insert_constant(node, convolution.groups));
    inputs.push_back(insert_constant(node, convolution.after));
    inputs.push_back(insert_constant(node, convolution.numbers));
    if (convolution.activation) {
      convolution.activation->output()->replaceAllUsesWith(node->output());
      convolution.activation->destroy();
    }
    put(node, "swiftavatar::packed_convolution", inputs);
    if (convolution.pad) convolution.pad->destroy();
    ++count_;
  }

  /// The weights as an attribute of the module: a graph has no constants of this kind.
  Value* packed(const Convolution& convolution) {
    const std::string name = "packed_" + std::to_string(count_);
    module_.register_attribute(name, c10::getCustomClassType<c10::intrusive_ptr<PackedWeight>>(),
                               c10::make_intrusive<PackedWeight>(convolution.weight));
    const torch::jit::WithInsertPoint here(convolution.node);
    return graph_.insertGetAttr(graph_.inputs()[0], name);
  }

  torch::jit::Module& module_;
  torch::jit::Graph& graph_;
  int count_ = 0;
};

}  // namespace

int pack_convolutions(torch::jit::Module& module) {
  if (!at::hasMKLDNN() || !at::globalContext().userEnabledMkldnn() || !module.find_method("forward")) return 0;
  const torch::InferenceMode no_gradients;
  return Packing(module).run();
}

}  // namespace swiftavatar
