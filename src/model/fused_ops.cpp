// The operators swiftavatar::bias_leaky and swiftavatar::up_fir_down over cuda/pixel_ops.h, with gradients to their
// input.

#include <ATen/Parallel.h>
#include <torch/library.h>
#include <torch/script.h>
#ifdef SWIFTAVATAR_CUDA
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

#include "cuda/pixel_ops.h"
#include "model/fused_ops.h"
#include "model/graph.h"

namespace swiftavatar {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Runs `op` once for each element of `result`, on the device of `result`.
template <typename Op>
void run(const Op& op, const Tensor& result) {
  if (result.is_cpu()) {
    at::parallel_for(0, result.numel(), 1 << 14, [&](int64_t first, int64_t last) { run_on_host(op, first, last); });
    return;
  }
#ifdef SWIFTAVATAR_CUDA
  const c10::cuda::CUDAGuard guard(result.device());
  const char* message = nullptr;
  TORCH_CHECK(run_on_gpu(op, result.numel(), c10::cuda::getCurrentCUDAStream().stream(), message), message);
#else
  TORCH_CHECK(false, "this build has no kernels for ", result.device());
#endif
}

/// `values` as the addend to a tensor of `shape`: its dimensions above 1 must be one block of the shape's.
Addend addend(const std::optional<Tensor>& values, c10::IntArrayRef shape) {
  if (!values) return {};
  const auto given = values->sizes();
  TORCH_CHECK(given.size() <= shape.size() && values->is_contiguous(), "an addend has to be contiguous");
  Addend found{.values = values->const_data_ptr<float>(), .inner = 1, .count = values->numel()};
  size_t left = given.size();
  for (; left > 0 && given[left - 1] == 1; --left) found.inner *= shape[shape.size() - given.size() + left - 1];
  for (; left > 0 && given[left - 1] == shape[shape.size() - given.size() + left - 1]; --left) {
  }
  for (; left > 0; --left) TORCH_CHECK(given[left - 1] == 1, "an addend has to repeat in one block");
  return found;
}

class BiasLeakyFunction : public torch::autograd::Function<BiasLeakyFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& input, const std::optional<Tensor>& bias,
                        const std::optional<Tensor>& map, double slope, double gain) {
    const Tensor x = input.contiguous();
    TORCH_CHECK(x.scalar_type() == torch::kFloat32 && slope > 0 && gain > 0,
                "bias_leaky takes float32, slope and gain above 0");
    const Tensor y = torch::empty_like(x);
    run(BiasLeaky{x.const_data_ptr<float>(), y.mutable_data_ptr<float>(), addend(bias, x.sizes()),
                  addend(map, x.sizes()), static_cast<float>(slope), static_cast<float>(gain)},
        y);
    context->save_for_backward({y});
    context->saved_data["slope"] = slope;
    context->saved_data["gain"] = gain;
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const Tensor y = context->get_saved_variables()[0], gradient = gradients[0].contiguous();
    const Tensor result = torch::empty_like(y);
    run(BiasLeakyGradient{gradient.const_data_ptr<float>(), y.const_data_ptr<float>(), result.mutable_data_ptr<float>(),
                          static_cast<float>(context->saved_data["slope"].toDouble()),
                          static_cast<float>(context->saved_data["gain"].toDouble())},
        result);
    return {result, {}, {}, {}, {}};
  }
};

/// `size`: of the result's sides.
Tensor up_fir_down_plain(const Tensor& input, const Tensor& kernel, int64_t up, int64_t down, int64_t before, bool flip,
                         int64_t height, int64_t width) {
  const Tensor x = input.contiguous(), filter = kernel.contiguous();
  TORCH_CHECK(x.scalar_type() == torch::kFloat32 && x.dim() == 4 && filter.dim() == 2 &&
                  filter.size(0) == filter.size(1) && up > 0 && down > 0 && height > 0 && width > 0,
              "up_fir_down takes a float32 [N,C,H,W] and a square kernel");
  const Tensor y = torch::empty({x.size(0), x.size(1), height, width}, x.options());
  run(UpFirDown{x.const_data_ptr<float>(), filter.const_data_ptr<float>(), y.mutable_data_ptr<float>(), x.size(2),
                x.size(3), height, width, static_cast<int>(up), static_cast<int>(down), static_cast<int>(before),
                static_cast<int>(filter.size(0)), flip},
      y);
  return y;
}

class UpFirDownFunction : public torch::autograd::Function<UpFirDownFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& kernel, int64_t up, int64_t down,
                        int64_t before, int64_t after, bool flip) {
    const auto out = [&](int64_t side) { return (side * up + before + after - kernel.size(0)) / down + 1; };
    context->save_for_backward({kernel});
    context->saved_data["sizes"] = std::vector<int64_t>{up, down, before, flip ? 1 : 0, x.size(2), x.size(3)};
    return up_fir_down_plain(x, kernel, up, down, before, flip, out(x.size(2)), out(x.size(3)));
  }

  /// The transpose is an up_fir_down too: up and down change places, and the kernel is flipped.
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const Tensor kernel = context->get_saved_variables()[0];
    const auto s = context->saved_data["sizes"].toIntVector();
    return {up_fir_down_plain(gradients[0], kernel, s[1], s[0], kernel.size(0) - 1 - s[2], s[3] == 0, s[4], s[5]),
            {},
            {},
            {},
            {},
            {},
            {}};
  }
};

Tensor bias_leaky(const Tensor& x, const std::optional<Tensor>& bias, const std::optional<Tensor>& map, double slope,
                  double gain) {
  return BiasLeakyFunction::apply(x, bias, map, slope, gain);
}

Tensor up_fir_down(const Tensor& x, const Tensor& kernel, int64_t up, int64_t down, int64_t before, int64_t after,
                   bool flip) {
  return UpFirDownFunction::apply(x, kernel, up, down, before, after, flip);
}

TORCH_LIBRARY(swiftavatar, library) {
  library.def("bias_leaky(Tensor x, Tensor? bias, Tensor? map, float slope, float gain) -> Tensor", bias_leaky);
  library.def("up_fir_down(Tensor x, Tensor kernel, int up, int down, int before, int after, bool flip) -> Tensor",
              up_fir_down);
}

using torch::jit::Node;
using torch::jit::Value;

bool is_one(const Value* value) {
  const auto number = constant(value);
  return number && number->isScalar() && number->toScalar().toDouble() == 1;
}

/// A constant tensor whose dimensions above 1 are one block: what bias_leaky can add.
bool can_be_added(const Value* value) {
  const auto given = constant_tensor(value);
  if (!given) return false;
  const Tensor tensor = *given;
  if (tensor.scalar_type() != torch::kFloat32 || tensor.dim() == 0 || !tensor.is_contiguous()) return false;
  int blocks = 0;
  for (int64_t i = 0; i < tensor.dim(); ++i) {
    if (tensor.size(i) != 1 && (i == 0 || tensor.size(i - 1) == 1)) ++blocks;
  }
  return blocks <= 1;
}

class Pass {
 public:
  explicit Pass(torch::jit::Graph& graph) : graph_(graph) {}

  Fused run() {
    visit(graph_.block(), /*leaky=*/true);  // first: it takes the bias from the blurs
    visit(graph_.block(), /*leaky=*/false);
    return fused_;
  }

 private:
  void visit(torch::jit::Block* block, bool leaky) {
    for (auto node = block->nodes().begin(); node != block->nodes().end();) {
      Node* const current = *node++;
      for (torch::jit::Block* inner : current->blocks()) visit(inner, leaky);
      const std::string kind = current->kind().toQualString();
      if (leaky && (kind == "aten::leaky_relu" || kind == "aten::leaky_relu_")) replace_leaky(current);
      if (!leaky && kind == "aten::conv2d") replace_blur(current, 0);
      if (!leaky && kind == "aten::conv_transpose2d") replace_blur(current, 1);
    }
  }

  void replace_leaky(Node* leaky) {
    const auto slope = constant(leaky->input(1));
    if (!slope || !slope->isScalar() || slope->toScalar().toDouble() <= 0) return;
    Value* x = leaky->input(0);
    std::vector<Node*> gone;
    Value *bias = nullptr, *map = nullptr;
    if (Node* add = only_maker(x, {"aten::add", "aten::add_"});
        add && is_one(add->input(2)) && can_be_added(add->input(1))) {
      map = add->input(1);
      gone.push_back(add);
      x = add->input(0);
    }
    Node* const conv = only_maker(x, {"aten::conv2d"});
    if (conv) {
      const auto given = constant(conv->input(2));
      if (given && given->isTensor()) {
        bias = insert_constant(leaky, given->toTensor().reshape({-1, 1, 1}).contiguous());
        conv->replaceInput(2, insert_constant(conv, torch::jit::IValue()));
      }
    }
    if (!bias && !map) return;
    Value* const none = insert_constant(leaky, torch::jit::IValue());
    put(leaky, "swiftavatar::bias_leaky",
        {x, bias ? bias : none, map ? map : none, insert_constant(leaky, slope->toScalar().toDouble()),
         insert_constant(leaky, 1.0)});
    for (Node* node : gone) node->destroy();
    ++fused_.bias_leaky;
  }

  /// Convolutions of as many groups as channels, all by one square filter. `transposed`: 1 for conv_transpose2d, whose
  /// arguments are (x, weight, bias, stride, padding, output_padding, groups, dilation); conv2d's, (…, dilation,
  /// groups).
  void replace_blur(Node* conv, int transposed) {
    const auto weight = constant(conv->input(1)), bias = constant(conv->input(2)), sixth = constant(conv->input(6));
    const auto strides = constant_list(conv->input(3)), pads = constant_list(conv->input(4)),
               plain = constant_list(conv->input(5));
    if (!weight || !weight->isTensor() || !bias || !bias->isNone() || !strides || !pads || !plain || !sixth ||
        !sixth->isInt())
      return;
    const torch::Tensor w = weight->toTensor();
    if (w.dim() != 4 || w.scalar_type() != torch::kFloat32 || w.size(1) != 1 || w.size(2) != w.size(3) ||
        w.size(0) < 2 || sixth->toInt() != w.size(0) || !w.equal(w.slice(0, 0, 1).expand_as(w))) {
      return;
    }
    const auto same = [](const std::vector<int64_t>& pair) { return pair.size() == 2 && pair[0] == pair[1]; };
    if (!same(*strides) || !same(*pads) || *plain != std::vector<int64_t>(2, transposed ? 0 : 1)) return;
    if (transposed) {
      const auto dilation = constant_list(conv->input(7));
      if (!dilation || *dilation != std::vector<int64_t>{1, 1}) return;
    }
    const int64_t up = transposed ? (*strides)[0] : 1, down = transposed ? 1 : (*strides)[0];
    const int64_t before = transposed ? w.size(2) - 1 - (*pads)[0] : (*pads)[0], after = before - (up - 1);
    put(conv, "swiftavatar::up_fir_down",
        {conv->input(0), insert_constant(conv, w[0][0].contiguous()), insert_constant(conv, up),
         insert_constant(conv, down), insert_constant(conv, before), insert_constant(conv, after),
         insert_constant(conv, transposed == 1)});
    ++fused_.up_fir_down;
  }

  torch::jit::Graph& graph_;
  Fused fused_;
};

}  // namespace

Fused fuse(torch::jit::Module& module) {
  const auto method = module.find_method("forward");
  if (!method) return {};
  return Pass(*method->graph()).run();
}

}  // namespace swiftavatar
