#include "gan/published_way.h"

#include "swiftavatar/gan.h"

namespace swiftavatar {

PublishedWay::PublishedWay(const TorchModule& generator) {
  if (!generator.has_method("published") || !generator.has_method("weights")) {
    throw Failure(ErrorCode::usage,
                  generator.entry().path.string() +
                      ": cannot be computed the published way, which only generators made by models import "
                      "can; choose such a bundle with --bundle, or import it again.");
  }
  for (const torch::Tensor& weight : generator.call("weights", {}).toTensorVector()) {
    weights_.push_back(weight.detach().clone().requires_grad_());
  }
}

std::vector<torch::Tensor> PublishedWay::run(const TorchModule& generator, const torch::Tensor& codes) const {
  const torch::jit::IValue result = generator.call("published", {codes, weights_});
  std::vector<torch::Tensor> pictures;
  for (const torch::jit::IValue& picture : result.toTupleRef().elements()) pictures.push_back(picture.toTensor());
  return pictures;
}

}  // namespace swiftavatar
