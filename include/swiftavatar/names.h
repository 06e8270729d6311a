#pragma once
// The words that options, files and results have for the values of an enumeration.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace swiftavatar {

/// Each value once, in the order in which people read them.
template <class Value, size_t N>
using Names = std::array<std::pair<Value, std::string_view>, N>;

template <class Value, size_t N>
std::string name_of(const Names<Value, N>& names, Value value) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.first == value; });
  return found == names.end() ? std::string() : std::string(found->second);
}

template <class Value, size_t N>
std::optional<Value> value_of(const Names<Value, N>& names, std::string_view name) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.second == name; });
  return found == names.end() ? std::nullopt : std::optional(found->first);
}

template <class Value, size_t N>
std::vector<std::string> all_names(const Names<Value, N>& names) {
  std::vector<std::string> words;
  for (const auto& entry : names) words.emplace_back(entry.second);
  return words;
}

}  // namespace swiftavatar
