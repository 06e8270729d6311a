#include "avatar/facesjs_layout.h"

namespace swiftavatar::facesjs {

const std::vector<Feature>& features() {
  static const std::vector<Feature> all = {{.name = "hairBg", .optional = true, .fat = true},
                                           {.name = "body", .sized = true, .first = "body"},
                                           {.name = "jersey", .sized = true, .first = "jersey"},
                                           {.name = "ear", .at = {{55, 325}, {345, 325}}, .first = "ear1"},
                                           {.name = "head", .fat = true, .first = "head1"},
                                           {.name = "eyeLine", .optional = true},
                                           {.name = "smileLine", .optional = true, .at = {{150, 435}, {250, 435}}},
                                           {.name = "miscLine", .optional = true},
                                           {.name = "facialHair", .optional = true, .fat = true},
                                           {.name = "eye", .at = {{140, 310}, {260, 310}}, .first = "eye1"},
                                           {.name = "eyebrow", .at = {{140, 270}, {260, 270}}, .first = "eyebrow1"},
                                           {.name = "mouth", .flips = true, .at = {{200, 440}}, .first = "straight"},
                                           {.name = "nose", .flips = true, .at = {{200, 370}}, .first = "nose1"},
                                           {.name = "hair", .fat = true, .flips = true, .first = "short"},
                                           {.name = "glasses", .optional = true, .fat = true},
                                           {.name = "accessories", .optional = true, .fat = true}};
  return all;
}

const std::vector<Anchor>& anchors() {
  static const std::vector<Anchor> all = {
      {"eye", 0, "33", -1, 0},   {"eye", 0, "133", 1, 0},   {"eye", 0, "159", 0, -1},    {"eye", 1, "263", -1, 0},
      {"eye", 1, "362", 1, 0},   {"eye", 1, "386", 0, -1},  {"eyebrow", 0, "105", 0, 0}, {"eyebrow", 1, "334", 0, 0},
      {"nose", 0, "129", -1, 0}, {"nose", 0, "358", 1, 0},  {"nose", 0, "168", 0, -1},   {"nose", 0, "2", 0, 1},
      {"mouth", 0, "61", -1, 0}, {"mouth", 0, "291", 1, 0}, {"head", 0, "234", -1, 0.5}, {"head", 0, "454", 1, 0.5},
      {"head", 0, "10", 0, 0.2}, {"head", 0, "9", 0, 0.42}, {"head", 0, "152", 0, 1}};
  return all;
}

const std::vector<BelowHat>& below_hats() {
  static const std::vector<BelowHat> all = [] {
    std::vector<BelowHat> list;
    for (const char* hair : {"afro",    "afro2",  "curly",       "curly2", "curly3",      "faux-hawk", "hair",
                             "high",    "juice",  "messy-short", "messy",  "middle-part", "parted",    "shaggy1",
                             "shaggy2", "short3", "spike",       "spike2", "spike3",      "spike4"})
      list.push_back({hair, "short"});
    for (const char* hair : {"blowoutFade", "curlyFade1", "curlyFade2", "dreads", "fauxhawk-fade", "tall-fade"})
      list.push_back({hair, "short-fade"});
    return list;
  }();
  return all;
}

const std::vector<std::string>& hats() {
  static const std::vector<std::string> all = {"hat", "hat2", "hat3"};
  return all;
}

nlohmann::ordered_json colors() {
  nlohmann::ordered_json palettes;
  const auto add = [&palettes](const char* name, std::vector<std::string> values) {
    palettes[name] = {{"values", std::move(values)}};
  };
  add("skin",
      {"#f7dfd1", "#f3d2bc", "#efc7a3", "#e6b98e", "#d2a071", "#b17c53", "#8e5d40", "#704635", "#55372b", "#402a23"});
  add("hair", {"#221d20", "#46302a", "#7a5238", "#d9b26c", "#b1502a", "#b9b6b4", "#e6e4e1"});
  add("primary", {"#3c5a87", "#a6483f", "#6b7f5a", "#2a3440", "#d8a445"});
  add("secondary", {"#2a3440", "#e9e4da", "#8c3b36", "#33475f"});
  add("accent", {"#e9e4da", "#d8a445", "#2a3440"});
  return palettes;
}

}  // namespace swiftavatar::facesjs
