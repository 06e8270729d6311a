#include "avatar/json_view.h"

#include <cmath>
#include <cstdio>
#include <set>

namespace swiftavatar {
namespace {

using nlohmann::ordered_json;

std::string pointer_token(const std::string& key) {
  std::string token;
  for (const char c : key) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

[[noreturn]] void fail_at(const std::string& path, const std::string& message) {
  throw Failure(ErrorCode::engine_invalid, (path.empty() ? "/" : path) + ": " + message);
}

// Checks depth and duplicate keys while the library parses (it would silently keep one of them).
class ParseWatch {
 public:
  bool operator()(int /*depth*/, ordered_json::parse_event_t event, ordered_json& parsed) {
    using Event = ordered_json::parse_event_t;
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        count_item();
        if (levels_.size() >= kMaxJsonDepth) {
          fail_at(path(), "is nested deeper than " + std::to_string(kMaxJsonDepth) + " levels");
        }
        levels_.push_back({event == Event::object_start, {}, {}, -1});
        break;
      case Event::key: {
        Level& level = levels_.back();
        const std::string key = parsed.get<std::string>();
        if (!level.keys.insert(key).second) fail_at(path(), "has the key \"" + key + "\" twice");
        if (level.keys.size() > kMaxJsonKeys) {
          fail_at(path(), "has more than " + std::to_string(kMaxJsonKeys) + " keys");
        }
        level.key = key;
        break;
      }
      case Event::value: count_item(); break;
      case Event::object_end:
      case Event::array_end: levels_.pop_back(); break;
    }
    return true;
  }

  /// Path of the object or list that is being read.
  std::string path() const {
    std::string path;
    for (size_t i = 0; i + 1 < levels_.size(); ++i) {
      path += '/' + (levels_[i].is_object ? pointer_token(levels_[i].key) : std::to_string(levels_[i].index));
    }
    return path;
  }

 private:
  struct Level {
    bool is_object;
    std::set<std::string> keys;
    std::string key;
    long index;
  };

  void count_item() {
    if (!levels_.empty() && !levels_.back().is_object) ++levels_.back().index;
  }

  std::vector<Level> levels_;
};

}  // namespace

ordered_json parse_json(const std::string& text) {
  if (text.size() > kMaxDefinitionBytes) {
    fail_at("", "the file is larger than " + std::to_string(kMaxDefinitionBytes >> 20) + " MiB");
  }
  ParseWatch watch;
  try {
    return ordered_json::parse(text, [&watch](int depth, ordered_json::parse_event_t event, ordered_json& parsed) {
      return watch(depth, event, parsed);
    });
  } catch (const ordered_json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 3, column 5: …": the bracket is for programmers.
    const std::string what = error.what();
    const size_t bracket = what.find("] ");
    fail_at(watch.path(), "is not valid JSON: " + (bracket == std::string::npos ? what : what.substr(bracket + 2)));
  }
}

void JsonView::fail(const std::string& message) const { fail_at(path_, message); }

void JsonView::expect_object(std::initializer_list<std::string_view> keys) const {
  if (!value_->is_object()) fail("must be an object");
  for (const auto& [key, unused] : value_->items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    std::vector<std::string> known(keys.begin(), keys.end());
    fail("unknown key \"" + key + "\" (known: " + join_names(known, 99) + ")");
  }
}

JsonView JsonView::at(const std::string& key) const {
  if (!value_->is_object()) fail("must be an object");
  const auto found = value_->find(key);
  if (found == value_->end()) fail("\"" + key + "\" is missing");
  return {*found, path_ + '/' + pointer_token(key)};
}

JsonView JsonView::at(size_t index) const { return {value_->at(index), path_ + '/' + std::to_string(index)}; }

void JsonView::each(const std::function<void(const std::string&, const JsonView&)>& visit) const {
  if (!value_->is_object()) fail("must be an object");
  for (const auto& [key, value] : value_->items()) visit(key, JsonView(value, path_ + '/' + pointer_token(key)));
}

std::vector<JsonView> JsonView::items(size_t max_items) const {
  if (!value_->is_array()) fail("must be a list");
  if (value_->size() > max_items) fail("has more than " + std::to_string(max_items) + " entries");
  std::vector<JsonView> items;
  for (size_t i = 0; i < value_->size(); ++i) items.push_back(at(i));
  return items;
}

std::string JsonView::string(size_t max_length) const {
  if (!value_->is_string()) fail("must be a string");
  const auto& text = value_->get_ref<const std::string&>();
  if (text.size() > max_length) fail("is longer than " + std::to_string(max_length) + " bytes");
  return text;
}

double JsonView::number(double min, double max) const {
  if (!value_->is_number()) fail("must be a number");
  const double number = value_->get<double>();
  if (!(number >= min && number <= max)) {
    fail("must be a number from " + show_number(min) + " to " + show_number(max));
  }
  return number;
}

int JsonView::integer(int min, int max) const {
  const double value = number(min, max);
  if (value != std::floor(value)) fail("must be a whole number");
  return static_cast<int>(value);
}

bool JsonView::boolean() const {
  if (!value_->is_boolean()) fail("must be true or false");
  return value_->get<bool>();
}

std::string join_names(const std::vector<std::string>& names, size_t limit) {
  std::string joined;
  for (size_t i = 0; i < names.size() && i < limit; ++i) joined += (i ? ", " : "") + names[i];
  if (names.size() > limit) joined += ", … " + std::to_string(names.size()) + " in all";
  return joined;
}

std::string show_number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

}  // namespace swiftavatar
