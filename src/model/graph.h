#pragma once
// Helpers for passes over TorchScript graphs. Internal to the model layer.

#include <optional>
#include <vector>

#include <torch/script.h>

namespace swiftavatar {

inline std::optional<torch::jit::IValue> constant(const torch::jit::Value* value) {
  return torch::jit::toIValue(value);
}

/// The numbers of a constant list. `fold_constants` makes the lists of a loaded file constant.
inline std::optional<std::vector<int64_t>> constant_list(const torch::jit::Value* value) {
  const auto list = constant(value);
  return list && list->isIntList() ? std::optional(list->toIntVector()) : std::nullopt;
}

inline std::optional<torch::Tensor> constant_tensor(const torch::jit::Value* value) {
  const auto given = constant(value);
  if (!given || !given->isTensor() || !given->toTensor().defined()) return {};
  return given->toTensor();
}

inline bool is_kind(const torch::jit::Node* node, std::initializer_list<const char*> kinds) {
  for (const char* kind : kinds) {
    if (node->kind() == c10::Symbol::fromQualString(kind)) return true;
  }
  return false;
}

/// The node that makes `value`, where nothing else reads the value (it may be changed in place) and its kind is one of
/// `kinds`.
inline torch::jit::Node* only_maker(const torch::jit::Value* value, std::initializer_list<const char*> kinds) {
  auto* const node = const_cast<torch::jit::Node*>(value->node());
  return value->uses().size() == 1 && is_kind(node, kinds) ? node : nullptr;
}

/// Replaces `old` by a node of `kind` with one output, and removes `old`.
inline void put(torch::jit::Node* old, const char* kind, std::vector<torch::jit::Value*> inputs) {
  torch::jit::Node* const node = old->owningGraph()->create(c10::Symbol::fromQualString(kind), inputs, 1);
  node->insertBefore(old);
  node->output()->setType(old->output()->type());
  old->output()->replaceAllUsesWith(node->output());
  old->destroy();
}

inline torch::jit::Value* insert_constant(torch::jit::Node* before, const torch::jit::IValue& value) {
  const torch::jit::WithInsertPoint here(before);
  return before->owningGraph()->insertConstant(value);
}

}  // namespace swiftavatar
