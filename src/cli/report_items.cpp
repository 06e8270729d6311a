#include "cli/report_items.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <vector>

#include "base/files.h"
#include "base/sha256.h"
#include "cli/html_page.h"
#include "estimate/result_json.h"
#include "swiftavatar/avatar.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

namespace {

constexpr size_t kLargestJson = 16 << 20;
constexpr size_t kLongestName = 300, kLongestMessage = 1000, kLongestValue = 80;  // bytes
constexpr size_t kMostChoices = 200, kMostWarnings = 20;                          // of one result

bool is_plain_file(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() == fs::file_type::regular;
}

std::vector<fs::path> json_files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".json" && is_plain_file(it->path())) files.push_back(it->path());
  }
  if (error) throw Failure(ErrorCode::usage, folder.string() + ": cannot be listed (" + error.message() + ").");
  std::sort(files.begin(), files.end());
  return files;
}

bool has_result_name(const fs::path& file) {
  const fs::path inner = file.stem().extension();
  return inner == ".avatar" || inner == ".error";
}

/// The value at a path of keys; null where there is none.
const json& at(const json& value, std::initializer_list<const char*> keys) {
  static const json nothing;
  const json* found = &value;
  for (const char* key : keys) {
    if (!found->is_object()) return nothing;
    const auto next = found->find(key);
    if (next == found->end()) return nothing;
    found = &*next;
  }
  return *found;
}

std::string text_at(const json& value, std::initializer_list<const char*> keys, size_t longest) {
  const json& found = at(value, keys);
  return found.is_string() ? clipped(found.get_ref<const std::string&>(), longest) : std::string();
}

/// A choice as a short text: a variant, a slider's number, a colour.
std::string choice_text(const json& value) {
  if (value.is_null()) return "none";
  if (value.is_string()) return clipped(value.get_ref<const std::string&>(), kLongestValue);
  if (!value.is_number()) return "?";
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value.get<double>());
  return text;
}

/// [group, name, value, confidence] for every parameter of the avatar; the confidence is null where there is none.
ordered_json choices_of(const json& result) {
  ordered_json choices = ordered_json::array();
  for (const char* group : {"discrete", "continuous", "colors"}) {
    const json& values = at(result, {"avatar", group});
    if (!values.is_object()) continue;
    for (const auto& [name, value] : values.items()) {
      if (choices.size() == kMostChoices) return choices;
      const json& sure = at(result, {"confidence", group, name.c_str()});
      const double number = sure.is_number() ? sure.get<double>() : -1;
      const bool holds = number >= 0 && number <= 1;
      choices.push_back({group, clipped(name, kLongestValue), choice_text(value),
                         holds ? ordered_json(std::round(number * 1000) / 1000) : ordered_json()});
    }
  }
  return choices;
}

ordered_json attributes_of(const json& result) {
  ordered_json attributes = ordered_json::object();
  for (const auto& [name, values] : attribute_values()) {
    const json& value = at(result, {"attributes", name.c_str()});
    if (!value.is_null()) attributes[name] = choice_text(value);
  }
  return attributes;
}

/// A preview's pixels, or nothing and a note that says why.
std::optional<cv::Mat> preview(const json& result, const fs::path& folder, const char* name, ordered_json& notes) {
  const std::string path = text_at(result, {"previews", name, "path"}, kLongestName);
  if (path.empty()) return std::nullopt;
  const fs::path file = folder / path;
  if (fs::path(path).filename() != path || !is_plain_file(file)) {
    notes.push_back(path + ": there is no such picture beside the JSON.");
    return std::nullopt;
  }
  auto picture = read_picture(file);
  if (!picture.ok()) {
    notes.push_back(clipped(picture.error().message, kLongestMessage));
    return std::nullopt;
  }
  return std::move(picture).value();
}

/// The sheet's first panel; its panels are squares.
std::optional<cv::Mat> photo_panel(const std::optional<cv::Mat>& sheet) {
  if (!sheet || sheet->cols < 2 * sheet->rows) return std::nullopt;
  return (*sheet)(cv::Rect(0, 0, sheet->rows, sheet->rows));
}

void add_pictures(const json& result, const fs::path& folder, int size, ordered_json& item) {
  ordered_json notes = ordered_json::array();
  if (const auto avatar = preview(result, folder, "avatar", notes)) item["avatar"] = picture_uri(*avatar, size);
  if (const auto photo = photo_panel(preview(result, folder, "sheet", notes)))
    item["photo"] = picture_uri(*photo, size);
  const json& warnings = at(result, {"warnings"});
  if (warnings.is_array()) {
    for (const json& warning : warnings) {
      if (warning.is_string() && notes.size() < kMostWarnings) {
        notes.push_back(clipped(warning.get_ref<const std::string&>(), kLongestMessage));
      }
    }
  }
  if (!notes.empty()) item["notes"] = std::move(notes);
}

/// The item of one file; null where the file is none of ours.
ordered_json read_item(const fs::path& file, const std::string& name, int size) {
  ordered_json item{{"file", clipped(name, kLongestName)}};
  const auto unreadable = [&](const std::string& why) {
    item["status"] = kUnreadable;
    item["message"] = clipped(why, kLongestMessage);
    return item;
  };
  const auto bytes = read_file(file, kLargestJson);
  if (!bytes.ok()) return unreadable(bytes.error().message);
  const json result = json::parse(bytes.value(), nullptr, /*allow_exceptions=*/false);
  if (result.is_discarded())
    return unreadable("This file is not JSON, or was cut short; run estimate on its photo again.");
  if (text_at(result, {"schema"}, kLongestValue) != kResultSchema) {
    if (!has_result_name(file)) return nullptr;
    return unreadable(std::string("This file holds no object of the schema ") + kResultSchema + ".");
  }
  item["status"] = text_at(result, {"status"}, kLongestValue);
  item["input"] = text_at(result, {"input", "path"}, kLongestName);
  if (item["status"] != "ok") {
    if (item["status"] == "") return unreadable("This result has no status.");
    item["message"] = text_at(result, {"error", "message"}, kLongestMessage);
    return item;
  }
  item["engine"] = text_at(result, {"engine", "name"}, kLongestValue);
  item["attributes"] = attributes_of(result);
  item["choices"] = choices_of(result);
  add_pictures(result, file.parent_path(), size, item);
  return item;
}

}  // namespace

ReportItems read_report_items(const fs::path& folder, int size, size_t most) {
  ReportItems report;
  for (const fs::path& file : json_files_below(folder)) {
    if (report.items.size() == most) {
      report.left_out += has_result_name(file);
      continue;
    }
    ordered_json item = read_item(file, file.lexically_relative(folder).string(), size);
    if (item.is_null()) continue;
    ++report.statuses[item["status"].get<std::string>()];
    report.items.push_back(std::move(item));
  }
  return report;
}

}  // namespace swiftavatar::cli
