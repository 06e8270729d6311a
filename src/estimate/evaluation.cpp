#include "estimate/evaluation.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "swiftavatar/estimate.h"

namespace swiftavatar {
namespace {

using Groups = std::vector<std::vector<std::string>>;

/// Index of the group that holds a value, or -1.
int group_of(const Groups& groups, const std::string& value) {
  for (size_t i = 0; i < groups.size(); ++i) {
    if (std::find(groups[i].begin(), groups[i].end(), value) != groups[i].end()) return static_cast<int>(i);
  }
  return -1;
}

std::string join(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : "|") + value;
  return text;
}

/// What the avatar of a photo shows of one attribute, or nullptr.
const std::string* shown_value(const std::map<std::string, Attributes>& shown, const std::string& file,
                               const std::string& attribute) {
  const auto avatar = shown.find(file);
  if (avatar == shown.end()) return nullptr;
  const auto value = avatar->second.find(attribute);
  return value == avatar->second.end() ? nullptr : &value->second;
}

/// Balanced accuracy: the mean over classes of the share that is right; classes nobody has are left out.
void finish(Metric& metric) {
  int right = 0, classes = 0;
  double recalls = 0;
  for (const Metric::Class& entry : metric.classes) {
    metric.n += entry.n;
    right += entry.right;
    if (entry.n == 0) continue;
    ++classes;
    recalls += static_cast<double>(entry.right) / entry.n;
  }
  if (metric.n == 0) return;
  metric.value = metric.kind == "balanced accuracy" ? recalls / classes : static_cast<double>(right) / metric.n;
}

Metric compare(const std::string& attribute, const std::string& kind, const Groups& groups,
               const std::vector<LabelledPhoto>& photos, const std::map<std::string, Attributes>& shown) {
  Metric metric;
  metric.name = attribute;
  metric.kind = kind;
  for (const auto& group : groups) metric.classes.push_back({join(group), 0, 0});
  for (const LabelledPhoto& photo : photos) {
    const auto label = photo.labels.find(attribute);
    if (label == photo.labels.end()) continue;
    const int wanted = group_of(groups, label->second);
    if (wanted < 0) continue;
    const std::string* value = shown_value(shown, photo.file, attribute);
    ++metric.classes[wanted].n;
    if (value && group_of(groups, *value) == wanted) ++metric.classes[wanted].right;
  }
  finish(metric);
  return metric;
}

/// A Monk skin tone 1..10, or 0.
int tone_of(const std::string& text) {
  int tone = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tone);
  return error == std::errc() && end == text.data() + text.size() && tone >= 1 && tone <= 10 ? tone : 0;
}

Metric compare_tone(const std::string& name, int darkest_left_out, const std::vector<LabelledPhoto>& photos,
                    const std::map<std::string, Attributes>& shown) {
  Metric metric;
  metric.name = name;
  metric.kind = "within one step";
  for (int tone = darkest_left_out + 1; tone <= 10; ++tone) metric.classes.push_back({std::to_string(tone), 0, 0});
  for (const LabelledPhoto& photo : photos) {
    const auto label = photo.labels.find("skin_tone");
    const int wanted = label == photo.labels.end() ? 0 : tone_of(label->second);
    if (wanted <= darkest_left_out) continue;
    const std::string* value = shown_value(shown, photo.file, "skin_tone");
    const int tone = value ? tone_of(*value) : 0;
    Metric::Class& entry = metric.classes[wanted - darkest_left_out - 1];
    ++entry.n;
    if (tone && std::abs(tone - wanted) <= 1) ++entry.right;
  }
  finish(metric);
  return metric;
}

std::string number(const std::optional<double>& value) {
  if (!value) return "-";
  char text[16];
  std::snprintf(text, sizeof text, "%.3f", *value);
  return text;
}

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

Result<std::vector<LabelledPhoto>> read_labels(const std::string& text, const std::string& name) {
  size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const std::vector<std::string> header = read_record(text, at);
  const auto file_column = std::find(header.begin(), header.end(), "file") - header.begin();
  const bool has_attribute = std::any_of(header.begin(), header.end(), [](const std::string& column) {
    return attribute_values().contains(column);
  });
  if (file_column == static_cast<std::ptrdiff_t>(header.size()) || !has_attribute) {
    return Error{ErrorCode::usage, name + ": the first line must name a column \"file\" and attributes such as \"glasses\" "
                                          "or \"hair_length\"; see docs/result-json.md for their names."};
  }
  std::vector<LabelledPhoto> photos;
  while (at < text.size()) {
    const std::vector<std::string> record = read_record(text, at);
    if (record.size() == 1 && record[0].empty()) continue;
    if (record.size() <= static_cast<size_t>(file_column) || record[file_column].empty()) {
      return Error{ErrorCode::usage, name + ": record " + std::to_string(photos.size() + 1) +
                                         " names no file; give every record as many fields as the first line."};
    }
    LabelledPhoto photo{record[file_column], {}};
    for (size_t i = 0; i < std::min(record.size(), header.size()); ++i) {
      if (attribute_values().contains(header[i])) photo.labels[header[i]] = record[i];
    }
    photos.push_back(std::move(photo));
  }
  return photos;
}

Evaluation evaluate(const std::vector<LabelledPhoto>& photos, const std::map<std::string, Attributes>& shown) {
  const auto& groups = attribute_groups();
  Evaluation evaluation;
  evaluation.photos = static_cast<int>(photos.size());
  evaluation.avatars = static_cast<int>(std::count_if(photos.begin(), photos.end(), [&](const LabelledPhoto& photo) {
    return shown.contains(photo.file);
  }));
  const auto add = [&](const std::string& attribute, const std::string& kind, const Groups& compared) {
    evaluation.metrics.push_back(compare(attribute, kind, compared, photos, shown));
  };
  const std::string balanced = "balanced accuracy", accuracy = "accuracy";
  add("glasses", balanced, groups.at("glasses"));
  add("facial_hair", balanced, groups.at("facial_hair"));
  add("hair_length", accuracy, groups.at("hair_length"));
  add("hair_texture", accuracy, groups.at("hair_texture"));
  add("fringe", balanced, groups.at("fringe"));
  add("hair_color", accuracy, groups.at("hair_color"));
  evaluation.metrics.push_back(compare_tone("skin_tone", 0, photos, shown));
  evaluation.metrics.push_back(compare_tone("skin_tone 5 to 10", 4, photos, shown));
  add("mouth", accuracy, groups.at("mouth"));
  add("earrings", balanced, groups.at("earrings"));
  add("headwear", balanced, {{"none"}, {"hat", "headscarf", "turban"}});  // too few people wear any to tell them apart
  return evaluation;
}

std::string to_text(const Evaluation& evaluation) {
  std::string text = "avatars            " + std::to_string(evaluation.avatars) + " of " + std::to_string(evaluation.photos) +
                     " photos\n";
  for (const Metric& metric : evaluation.metrics) {
    char line[128];
    std::snprintf(line, sizeof line, "%-18s %-6s %-18s n %d\n", metric.name.c_str(), number(metric.value).c_str(),
                  metric.kind.c_str(), metric.n);
    text += line;
  }
  return text;
}

std::string to_markdown(const Evaluation& evaluation) {
  std::string text = "| attribute | agreement | measured as | n |\n|---|---|---|---|\n";
  for (const Metric& metric : evaluation.metrics) {
    text += "| " + metric.name + " | " + number(metric.value) + " | " + metric.kind + " | " + std::to_string(metric.n) + " |\n";
  }
  return text + "\nAvatars: " + std::to_string(evaluation.avatars) + " of " + std::to_string(evaluation.photos) + " photos.\n";
}

nlohmann::ordered_json to_json(const Evaluation& evaluation) {
  nlohmann::ordered_json json{{"schema", "swiftavatar.evaluation/1"},
                              {"photos", evaluation.photos},
                              {"avatars", evaluation.avatars},
                              {"metrics", nlohmann::ordered_json::array()}};
  for (const Metric& metric : evaluation.metrics) {
    nlohmann::ordered_json entry{{"name", metric.name}, {"kind", metric.kind}, {"n", metric.n}};
    entry["value"] = metric.value ? nlohmann::ordered_json(*metric.value) : nlohmann::ordered_json();
    for (const Metric::Class& group : metric.classes) {
      entry["classes"].push_back({{"label", group.name}, {"n", group.n}, {"right", group.right}});
    }
    json["metrics"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace swiftavatar
