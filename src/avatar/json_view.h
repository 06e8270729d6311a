#pragma once
// Strict reading of untrusted JSON: every error names its JSON path.

#include <functional>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "swiftavatar/result.h"

namespace swiftavatar {

/// Limits for definition and semantics files.
inline constexpr size_t kMaxDefinitionBytes = size_t{16} << 20;
inline constexpr int kMaxJsonDepth = 64;
inline constexpr int kMaxJsonKeys = 1024;  ///< in one object (ordered objects are searched one by one)

/// Parses JSON text. Refuses text that is too large or too deep, and duplicate keys.
/// Throws Failure(engine_invalid) with "/path: what is wrong".
nlohmann::ordered_json parse_json(const std::string& text);

/// A value inside a document together with its path (RFC 6901 JSON pointer). Accessors throw Failure(engine_invalid).
class JsonView {
 public:
  JsonView(const nlohmann::ordered_json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  const nlohmann::ordered_json& json() const { return *value_; }
  const std::string& path() const { return path_; }
  [[noreturn]] void fail(const std::string& message) const;

  /// Fails unless this is an object that has only these keys.
  void expect_object(std::initializer_list<std::string_view> keys) const;
  bool has(const std::string& key) const { return value_->is_object() && value_->contains(key); }
  JsonView at(const std::string& key) const;  ///< fails where the key is missing
  JsonView at(size_t index) const;

  /// Calls `visit(key, value)` for each entry of an object, in file order.
  void each(const std::function<void(const std::string&, const JsonView&)>& visit) const;
  /// The entries of an array with at most `max_items`.
  std::vector<JsonView> items(size_t max_items) const;

  std::string string(size_t max_length) const;
  double number(double min, double max) const;
  int integer(int min, int max) const;
  bool boolean() const;

 private:
  const nlohmann::ordered_json* value_;
  std::string path_;
};

/// "a, b, c", shortened after `limit` names: for messages that say what there is.
std::string join_names(const std::vector<std::string>& names, size_t limit = 12);

/// A number as people write it, without trailing zeros.
std::string show_number(double value);

}  // namespace swiftavatar
