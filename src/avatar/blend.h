#pragma once
// Blends shapes: moves the numbers of one element tree by the difference of two others.

#include <string>
#include <vector>

#include "avatar/art.h"

namespace swiftavatar {

/// Where two trees differ in more than the numbers that a blend moves (elements, attributes that have such numbers,
/// path commands), in words; empty where they do not.
std::string structure_difference(const std::vector<ArtNode>& a, const std::vector<ArtNode>& b);

/// `amount` times the way from `from` to `to`.
struct BlendStep {
  double amount = 0;
  const std::vector<ArtNode>* from = nullptr;
  const std::vector<ArtNode>* to = nullptr;
};

/// `shape` with every number n replaced by n + sum of amount * (to - from). Steps whose trees have another structure
/// than `shape` are left out.
std::vector<ArtNode> blend(std::vector<ArtNode> shape, const std::vector<BlendStep>& steps);

}  // namespace swiftavatar
