#include "evaluate/evaluation.h"

#include <algorithm>
#include <charconv>

#include "swiftavatar/estimate.h"

namespace swiftavatar {
namespace {

using Groups = std::vector<std::vector<std::string>>;
using Shown = std::map<std::string, Attributes>;

constexpr size_t kMostGroups = 40;

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

/// A Monk skin tone 1..10, or 0.
int tone_of(const std::string& text) {
  int tone = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tone);
  return error == std::errc() && end == text.data() + text.size() && tone >= 1 && tone <= 10 ? tone : 0;
}

/// What the avatar of a photo shows of one attribute, or nullptr.
const std::string* shown_value(const Shown& shown, const std::string& file, const std::string& attribute) {
  const auto avatar = shown.find(file);
  if (avatar == shown.end()) return nullptr;
  const auto value = avatar->second.find(attribute);
  return value == avatar->second.end() ? nullptr : &value->second;
}

/// Balanced accuracy: the mean over classes of the share that is right; classes without photos are left out.
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

/// An empty metric: a class and a column for each group, and columns for other values.
Metric empty_metric(const std::string& name, const std::string& kind, const Groups& groups) {
  Metric metric;
  metric.name = name;
  metric.kind = kind;
  for (const auto& group : groups) metric.columns.push_back(join(group));
  metric.columns.insert(metric.columns.end(), {"another", "nothing"});
  for (const auto& group : groups)
    metric.classes.push_back({join(group), 0, 0, std::vector<int>(metric.columns.size())});
  return metric;
}

Metric compare(const std::string& attribute, const std::string& kind, const Groups& groups,
               const std::vector<LabelledPhoto>& photos, const Shown& shown) {
  Metric metric = empty_metric(attribute, kind, groups);
  for (const LabelledPhoto& photo : photos) {
    const auto label = photo.labels.find(attribute);
    if (label == photo.labels.end()) continue;
    const int wanted = group_of(groups, label->second);
    if (wanted < 0) continue;
    const std::string* value = shown_value(shown, photo.file, attribute);
    const int found = value ? group_of(groups, *value) : -1;
    Metric::Class& entry = metric.classes[wanted];
    ++entry.n;
    ++entry.shown[found >= 0 ? found : groups.size() + (value ? 0 : 1)];
    if (found == wanted) ++entry.right;
  }
  finish(metric);
  return metric;
}

/// Skin tones from `lightest` on; one step off is right.
Metric compare_tone(const std::string& name, int lightest, const std::vector<LabelledPhoto>& photos,
                    const Shown& shown) {
  Groups tones;
  for (int tone = 1; tone <= 10; ++tone) tones.push_back({std::to_string(tone)});
  Metric metric = empty_metric(name, "within one step", tones);
  for (const LabelledPhoto& photo : photos) {
    const auto label = photo.labels.find("skin_tone");
    const int wanted = label == photo.labels.end() ? 0 : tone_of(label->second);
    if (wanted < lightest) continue;
    const std::string* value = shown_value(shown, photo.file, "skin_tone");
    const int tone = value ? tone_of(*value) : 0;
    Metric::Class& entry = metric.classes[wanted - 1];
    ++entry.n;
    ++entry.shown[tone ? tone - 1 : 10 + (value ? 0 : 1)];
    if (tone && std::abs(tone - wanted) <= 1) ++entry.right;
  }
  metric.classes.erase(metric.classes.begin(), metric.classes.begin() + lightest - 1);
  finish(metric);
  return metric;
}

std::vector<Metric> compare_all(const std::vector<LabelledPhoto>& photos, const Shown& shown) {
  const auto& groups = attribute_groups();
  std::vector<Metric> metrics;
  const auto add = [&](const std::string& attribute, const std::string& kind, const Groups& compared) {
    metrics.push_back(compare(attribute, kind, compared, photos, shown));
  };
  const std::string balanced = "balanced accuracy", accuracy = "accuracy";
  add("glasses", balanced, groups.at("glasses"));
  add("facial_hair", balanced, groups.at("facial_hair"));
  add("hair_length", accuracy, groups.at("hair_length"));
  add("hair_texture", accuracy, groups.at("hair_texture"));
  add("fringe", balanced, groups.at("fringe"));
  add("hair_color", accuracy, groups.at("hair_color"));
  metrics.push_back(compare_tone("skin_tone", 1, photos, shown));
  metrics.push_back(compare_tone("skin_tone 5 to 10", 5, photos, shown));
  add("mouth", accuracy, groups.at("mouth"));
  add("earrings", balanced, groups.at("earrings"));
  add("headwear", balanced, {{"none"}, {"hat", "headscarf", "turban"}});  // too few people wear any to tell them apart
  add("lines", accuracy, groups.at("lines"));
  return metrics;
}

/// Groups of skin tones, where no column was named: simple methods are worse on dark skin, and a mean would hide that.
std::string tone_range(const LabelledPhoto& photo) {
  const auto label = photo.labels.find("skin_tone");
  const int tone = label == photo.labels.end() ? 0 : tone_of(label->second);
  return tone == 0 ? "" : tone <= 3 ? "1 to 3" : tone <= 5 ? "4 to 5" : "6 to 10";
}

}  // namespace

Result<Evaluation> evaluate(const std::vector<LabelledPhoto>& photos, const Shown& shown, const std::string& by) {
  Evaluation evaluation;
  evaluation.photos = static_cast<int>(photos.size());
  evaluation.avatars = static_cast<int>(std::count_if(
      photos.begin(), photos.end(), [&](const LabelledPhoto& photo) { return shown.contains(photo.file); }));
  evaluation.metrics = compare_all(photos, shown);
  evaluation.by = by.empty() ? "skin tone" : by;
  std::map<std::string, std::vector<LabelledPhoto>> members;
  for (const LabelledPhoto& photo : photos) {
    const std::string name = by.empty() ? tone_range(photo) : photo.group;
    if (!name.empty()) members[name].push_back(photo);
  }
  if (members.size() > kMostGroups) {
    return Error{ErrorCode::usage, "Column \"" + by + "\" has " + std::to_string(members.size()) +
                                       " different values, more than " + std::to_string(kMostGroups) +
                                       "; group by a column with fewer."};
  }
  for (const auto& [name, group] : members) {
    evaluation.groups.push_back({name, static_cast<int>(group.size()), compare_all(group, shown)});
  }
  return evaluation;
}

}  // namespace swiftavatar
