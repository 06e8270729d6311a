#include "model/fold_constants.h"

#include <torch/csrc/jit/passes/constant_propagation.h>

namespace swiftavatar {

void fold_constants(torch::jit::Module& module) {
  for (const auto& method : module.get_methods()) {
    std::shared_ptr<torch::jit::Graph> graph = method.graph();
    torch::jit::ConstantPropagation(graph);
  }
}

}  // namespace swiftavatar
