// Tables of labels: CSV as spreadsheets write it.

#include <algorithm>

#include "evaluate/evaluation.h"
#include "swiftavatar/estimate.h"

namespace swiftavatar {
namespace {

/// One CSV record from `at` on; quotes as RFC 4180 has them. Moves `at` behind the line end.
std::vector<std::string> read_record(const std::string& text, size_t& at) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        fields.back() += '"';
        ++at;
      } else {
        quoted = false;
      }
    } else if (c == '"' && fields.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      ++at;
      break;
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace

Result<std::vector<LabelledPhoto>> read_labels(const std::string& text, const std::string& name,
                                               const std::string& by) {
  size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const std::vector<std::string> header = read_record(text, at);
  const auto file_column = std::find(header.begin(), header.end(), "file") - header.begin();
  const bool has_attribute = std::any_of(header.begin(), header.end(),
                                         [](const std::string& column) { return attribute_values().contains(column); });
  if (file_column == static_cast<std::ptrdiff_t>(header.size()) || !has_attribute) {
    return Error{ErrorCode::usage,
                 name +
                     ": the first line must name a column \"file\" and attributes such as \"glasses\" "
                     "or \"hair_length\"; see docs/result-json.md for their names."};
  }
  const auto by_column = static_cast<size_t>(std::find(header.begin(), header.end(), by) - header.begin());
  if (!by.empty() && by_column == header.size()) {
    return Error{ErrorCode::usage, name + ": has no column \"" + by + "\" to group by; choose one of its first line."};
  }
  std::vector<LabelledPhoto> photos;
  while (at < text.size()) {
    const std::vector<std::string> record = read_record(text, at);
    if (record.size() == 1 && record[0].empty()) continue;
    if (record.size() <= static_cast<size_t>(file_column) || record[file_column].empty()) {
      return Error{ErrorCode::usage, name + ": record " + std::to_string(photos.size() + 1) +
                                         " names no file; give every record as many fields as the first line."};
    }
    LabelledPhoto photo{record[file_column], {}, {}};
    for (size_t i = 0; i < std::min(record.size(), header.size()); ++i) {
      if (attribute_values().contains(header[i])) photo.labels[header[i]] = record[i];
    }
    if (!by.empty() && by_column < record.size()) photo.group = record[by_column];
    photos.push_back(std::move(photo));
  }
  return photos;
}

}  // namespace swiftavatar
