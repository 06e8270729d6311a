#pragma once
// How well avatars agree with people's labels of the photos.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "swiftavatar/avatar.h"
#include "swiftavatar/result.h"

namespace swiftavatar {

/// One labelled photo.
struct LabelledPhoto {
  std::string file;   ///< as the CSV names it
  Attributes labels;  ///< every column that is an attribute of the vocabulary, whatever its value
  std::string group;  ///< the value of the column that photos are grouped by
};

/// Reads a CSV (RFC 4180, with or without BOM) that has a column "file" and columns named after attributes; other
/// columns are ignored, but for `by`, which names the photos' groups. `name` is used in messages. Error: usage, when it
/// is no such table.
Result<std::vector<LabelledPhoto>> read_labels(const std::string& text, const std::string& name,
                                               const std::string& by = "");

/// One number of the comparison.
struct Metric {
  std::string name, kind;            ///< kind: "accuracy", "balanced accuracy" or "within one step"
  int n = 0;                         ///< photos with a comparable label
  std::optional<double> value;       ///< 0..1; empty when n is 0
  std::vector<std::string> columns;  ///< what an avatar can show: the classes, "another" value, "nothing"
  struct Class {
    std::string name;  ///< the values joined by "|"
    int n = 0, right = 0;
    std::vector<int> shown;  ///< photos by what their avatar shows, one for each of `columns`
  };
  std::vector<Class> classes;  ///< by label
};

struct Evaluation {
  int photos = 0, avatars = 0;
  std::vector<Metric> metrics;
  struct Group {
    std::string name;
    int photos = 0;
    std::vector<Metric> metrics;
  };
  std::string by;             ///< what the groups differ in
  std::vector<Group> groups;  ///< by name; photos without a group are in none
};

/// Compares what each avatar shows with its photo's labels. `shown` by file name of the label; an absent photo, and an
/// attribute that is absent, count as wrong. Labels outside the compared values (na, other, hidden, unseen, anything
/// unknown) are left out. All photos count, whatever the confidence of label or avatar. `by`: the column by which
/// photos are grouped (LabelledPhoto::group); empty: by ranges of labelled skin tones. Error: usage, with too many
/// groups.
Result<Evaluation> evaluate(const std::vector<LabelledPhoto>& photos, const std::map<std::string, Attributes>& shown,
                            const std::string& by = "");

std::string to_text(const Evaluation& evaluation);
std::string to_markdown(const Evaluation& evaluation);
nlohmann::ordered_json to_json(const Evaluation& evaluation);

}  // namespace swiftavatar
