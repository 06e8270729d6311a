#pragma once
// Heads, semantics and errors that the tests of the upper layers use.

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "avatar/engines.h"
#include "failure_of.h"
#include "swiftavatar/image.h"
#include "swiftavatar/model.h"

namespace swiftavatar::testing {

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A choice head (attribute, discrete or style) from probabilities.
inline HeadOutput choice(HeadKind kind, const std::string& name,
                         const std::vector<std::pair<std::string, double>>& probabilities) {
  HeadOutput head{kind, name, {}, {}};
  for (const auto& [option, probability] : probabilities) {
    head.options.push_back(option);
    head.values.push_back(static_cast<float>(std::log(probability)));
  }
  return head;
}

inline HeadOutput slider(const std::string& name, float position) { return {HeadKind::slider, name, {}, {position}}; }

/// The tiny engine's semantics with some values replaced: JSON pointer -> JSON text.
inline Semantics tiny_semantics(const std::vector<std::pair<std::string, std::string>>& changes = {}) {
  auto json = nlohmann::ordered_json::parse(read_file(tiny_dir() / "semantics.json"));
  for (const auto& [pointer, value] : changes) {
    json[nlohmann::ordered_json::json_pointer(pointer)] = nlohmann::ordered_json::parse(value);
  }
  return Semantics::parse(json.dump(), tiny()).value();
}

inline cv::Vec3d lab_of(const std::string& hex) { return to_lab(from_hex(hex).value()); }

/// CIEDE2000 between two sRGB colours: about 1 is just seen, 5 is seen at a glance.
inline double difference(const cv::Vec3b& a, const cv::Vec3b& b) { return ciede2000(to_lab(a), to_lab(b)); }

}  // namespace swiftavatar::testing
