#include "estimate/draft_semantics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <opencv2/imgproc.hpp>

namespace swiftavatar {
namespace {

using nlohmann::ordered_json;

constexpr int kSize = 256;           // side of the drawings that are measured
constexpr double kNameWeight = 3;    // log-odds that a word in a variant's name is worth
constexpr double kDrawnWeight = 2;   // what the drawing's own geometry is worth
constexpr double kHeadWeight = 0.5;  // of the estimator's log-probabilities: it has seen photos, not cartoons

struct Hint {
  const char* word;
  const char* value;
};

/// Words in the names of components, and what such a component shows. The first that fits counts.
const std::vector<Hint>& component_hints() {
  static const std::vector<Hint> hints = {
      {"facialhair", "facial_hair"}, {"beard", "facial_hair"},  {"mustache", "facial_hair"}, {"moustache", "facial_hair"},
      {"hairaccessor", ""},          {"earring", "earrings"},   {"glasses", "glasses"},      {"eyewear", "glasses"},
      {"headwear", "headwear"},      {"hat", "headwear"},       {"mouth", "mouth"},          {"lips", "mouth"},
      {"brow", ""},                  {"eye", ""},               {"hair", "hair"},            {"top", "hair"},
      {"accessor", "accessory"}};
  return hints;
}

/// Words in the names of variants, by attribute. The first that fits counts, so "balding" stands before "bald".
const std::map<std::string, std::vector<Hint>>& variant_hints() {
  static const std::map<std::string, std::vector<Hint>> hints = {
      {"headwear", {{"turban", "turban"}, {"hijab", "headscarf"}, {"scarf", "headscarf"}, {"beanie", "hat"}, {"hat", "hat"},
                    {"cap", "hat"}, {"helmet", "hat"}, {"band", "other"}}},
      {"hair_length", {{"balding", "very_short"}, {"bald", "bald"}, {"buzz", "very_short"}, {"caesar", "very_short"},
                       {"sides", "very_short"}, {"bun", "tied"}, {"tail", "tied"}, {"braid", "tied"}, {"bob", "medium"},
                       {"shoulder", "medium"}, {"neck", "medium"}, {"medium", "medium"}, {"short", "short"},
                       {"spiky", "short"}, {"undercut", "short"}, {"fade", "short"}, {"long", "long"}}},
      {"hair_texture", {{"curl", "curly"}, {"afro", "curly"}, {"fro", "curly"}, {"dread", "curly"}, {"coil", "curly"},
                        {"wav", "wavy"}, {"straight", "straight"}}},
      {"fringe", {{"fringe", "yes"}, {"bang", "yes"}}},
      {"glasses", {{"sunglasses", "sunglasses"}, {"shades", "sunglasses"}, {"dark", "sunglasses"},
                   {"glasses", "eyeglasses"}, {"prescription", "eyeglasses"}}},
      {"facial_hair", {{"stubble", "stubble"}, {"scruff", "stubble"}, {"shadow", "stubble"}, {"goatee", "goatee"},
                       {"soulpatch", "goatee"}, {"chin", "goatee"}, {"beard", "beard"}, {"mustache", "moustache"},
                       {"moustache", "moustache"}}},
      {"mouth", {{"bigsmile", "teeth"}, {"grin", "teeth"}, {"laugh", "teeth"}, {"teeth", "teeth"}}}};
  return hints;
}

/// Words of variants that nobody wants for an ordinary portrait.
const std::vector<std::string>& joke_words() {
  static const std::vector<std::string> words = {"angry", "sad", "cry", "heart", "wink", "dizzy", "vomit", "tongue", "eyepatch",
                                                 "scream", "grimace", "frown", "surpris", "sleep", "closed", "pacifier", "star",
                                                 "animal", "bunny", "visor", "bear", "skull", "concerned", "nervous", "roll", "mohawk"};
  return words;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string hinted(const std::vector<Hint>& hints, const std::string& name) {
  const std::string text = lower(name);
  for (const Hint& hint : hints) {
    if (text.find(hint.word) != std::string::npos) return hint.value;
  }
  return {};
}

std::string hinted(const std::string& attribute, const std::string& variant) {
  const auto hints = variant_hints().find(attribute);
  return hints == variant_hints().end() ? std::string() : hinted(hints->second, variant);
}

bool starts_with_any(const std::string& name, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return lower(name).starts_with(word); });
}

cv::Mat draw(const Engine& engine, const Avatar& avatar) {
  const cv::Mat rgba = render_svg(engine.svg(avatar), kSize).value();
  cv::Mat square(kSize, kSize, CV_8UC3, cv::Scalar::all(235));
  const cv::Point shift((kSize - rgba.cols) / 2, (kSize - rgba.rows) / 2);
  for (int y = 0; y < rgba.rows; ++y) {
    for (int x = 0; x < rgba.cols; ++x) {
      const cv::Vec4b& pixel = rgba.at<cv::Vec4b>(y, x);
      cv::Vec3b& target = square.at<cv::Vec3b>(y + shift.y, x + shift.x);
      for (int i = 0; i < 3; ++i) target[i] = cv::saturate_cast<uchar>((pixel[i] * pixel[3] + target[i] * (255 - pixel[3])) / 255.0);
    }
  }
  return square;
}

/// The default avatar without anything that may be absent: rear hair, hats and beards would be taken for the variant's.
Avatar bare(const Engine& engine) {
  Avatar avatar = engine.default_avatar();
  for (const auto& [name, component] : engine.components()) {
    if (component.optional) avatar.discrete[name] = std::nullopt;
  }
  return avatar;
}

/// 255 where two drawings differ by more than anti-aliasing noise.
cv::Mat difference(const cv::Mat& a, const cv::Mat& b, int least = 24) {
  cv::Mat distance, channels[3], sum;
  cv::absdiff(a, b, distance);
  cv::split(distance, channels);
  sum = cv::max(cv::max(channels[0], channels[1]), channels[2]);
  return sum > least;
}

/// Pixels that take a colour.
cv::Mat colored_by(const Engine& engine, Avatar avatar, const std::string& color) {
  avatar.colors[color] = "#ff2010";
  const cv::Mat first = draw(engine, avatar);
  avatar.colors[color] = "#1020ff";
  return difference(first, draw(engine, avatar), 60);
}

double share(const cv::Mat& mask, const cv::Rect& where) {
  const cv::Rect inside = where & cv::Rect(0, 0, mask.cols, mask.rows);
  return inside.area() > 0 ? cv::countNonZero(mask(inside)) / static_cast<double>(inside.area()) : 0;
}

cv::Rect part_of(const cv::Rect& box, double left, double top, double right, double bottom) {
  return {cv::Point(box.x + cvRound(left * box.width), box.y + cvRound(top * box.height)),
          cv::Point(box.x + cvRound(right * box.width), box.y + cvRound(bottom * box.height))};
}

/// Which engine colour plays which role, by its name.
std::map<std::string, std::string> color_roles(const Engine& engine) {
  static const std::vector<std::pair<const char*, std::vector<const char*>>> names = {
      {"skin", {"skin", "base", "face"}}, {"hair", {"hair"}}, {"facial_hair", {"facialHair", "beard"}},
      {"brows", {"eyebrows", "brows"}}, {"eyes", {"eyes"}}, {"lips", {"lips"}}, {"glasses", {"glasses"}},
      {"clothes", {"clothes", "clothing", "shirt", "outfit"}}, {"headwear", {"hat", "headwear"}}, {"background", {"background"}}};
  std::map<std::string, std::string> roles;
  for (const auto& [role, colors] : names) {
    for (const char* color : colors) {
      if (!roles.contains(role) && engine.palettes().contains(color)) roles[role] = color;
    }
  }
  return roles;
}

/// Flat colours that read as the ten Monk tones and as the hair colours.
ordered_json anchors(const std::string& role) {
  if (role == "skin") {
    return {{"1", "#f6e0d2"}, {"2", "#f2d3bd"}, {"3", "#eec6a2"}, {"4", "#e5b88d"}, {"5", "#d19f70"},
            {"6", "#b07b52"}, {"7", "#8d5c3f"}, {"8", "#6f4534"}, {"9", "#54362a"}, {"10", "#3f2922"}};
  }
  return {{"black", "#221d20"}, {"dark_brown", "#46302a"}, {"brown", "#7a5238"},
          {"blond", "#d6b370"}, {"red", "#b1502a"},        {"gray_white", "#b9b6b4"}};
}

using Scores = std::map<std::string, double>;

/// What speaks for the values of one variant, by attribute.
using Evidence = std::map<std::string, Scores>;

class Drafter {
 public:
  Drafter(const Engine& engine, const DraftModels& models)
      : engine_(engine), models_(models), start_(bare(engine)), roles_(color_roles(engine)) {
    const cv::Mat picture = draw(engine, start_);
    if (roles_.contains("skin")) {
      face_ = face_box(colored_by(engine, start_, roles_.at("skin")));
    }
    if (models.detector) {
      const std::vector<Face> faces = models.detector->detect(picture);
      if (!faces.empty()) {
        place_ = align_transform(faces.front().five(), kSize);
        mesh_ = transform_points(faces.front().mesh, *place_);
        for (cv::Point2f& point : mesh_) point /= kSize;
      }
    }
    if (face_.empty()) face_ = {kSize / 4, kSize / 5, kSize / 2, kSize * 3 / 5};
    if (!place_) {  // the drawn face where an aligned photo has it
      const double scale = 0.50 * kSize / face_.width;
      place_ = cv::Matx23d(scale, 0, kSize / 2.0 - scale * (face_.x + face_.width / 2.0), 0, scale,
                           0.55 * kSize - scale * (face_.y + face_.height / 2.0));
    }
  }

  void component(const std::string& name) {
    const Component& component = engine_.components().at(name);
    std::string kind = hinted(component_hints(), name);
    if (kind.empty()) kind = kind_from_variants(component);
    const std::vector<std::string> keys = keys_of(component);
    exclude_jokes(name, keys);
    if (kind.empty() || keys.size() < 2) return;
    std::map<std::string, cv::Mat> pictures;
    for (const std::string& key : keys) pictures[key] = draw(engine_, with(name, key));
    if (kind == "accessory") kind = place_of_accessory(component, pictures);
    if (kind.empty()) return;
    std::map<std::string, Evidence> evidence;
    for (const std::string& key : keys) evidence[key] = weigh(kind, name, key, pictures);
    add_heads(kind, pictures, evidence);
    decide(kind, name, keys, evidence);
    order_.emplace_back(rank_of(kind, name), name);
  }

  ordered_json write() {
    std::stable_sort(order_.begin(), order_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    ordered_json json = {{"schema", "swiftavatar.semantics/1"},
                         {"$comment",
                          {{"draft", true},
                           {"note", "Drafted by swiftavatar engines semantics from drawings and names. Look at every variant, "
                                    "correct it, list the odd ones under exclude; least sure ones have a low confidence."},
                           {"confidence", confidence_}}},
                         {"definition_sha256", engine_.sha256()},
                         {"order", ordered_json::array()},
                         {"components", ordered_json::object()},
                         {"colors", ordered_json::object()},
                         {"exclude", exclude_},
                         {"impossible", ordered_json::array()}};
    std::set<std::string> shown;
    for (const auto& [rank, name] : order_) {
      json["order"].push_back(name);
      json["components"][name] = table_[name];
      for (const auto& [variant, meaning] : table_[name].items()) {
        for (const auto& [attribute, value] : meaning.items()) shown.insert(attribute);
      }
    }
    for (const auto& [role, color] : roles_) {
      json["colors"][role] = {{"color", color}};
      if (role != "skin" && role != "hair") continue;
      json["colors"][role]["anchors"] = anchors(role);
      shown.insert(role == "skin" ? "skin_tone" : "hair_color");
    }
    for (const auto& [attribute, values] : attribute_values()) {
      if (!shown.contains(attribute)) json["impossible"].push_back(attribute);
    }
    return json;
  }

 private:
  static std::vector<std::string> keys_of(const Component& component) {
    std::vector<std::string> keys = component.variants;
    if (component.optional && std::find(keys.begin(), keys.end(), "none") == keys.end()) keys.insert(keys.begin(), "none");
    return keys;
  }

  /// A component whose own name says nothing, but a variant's does ("glasses" among eyes).
  static std::string kind_from_variants(const Component& component) {
    for (const std::string& variant : component.variants) {
      if (!hinted("glasses", variant).empty() && lower(variant).find("glasses") != std::string::npos) return "glasses";
      if (const auto value = hinted("facial_hair", variant); value == "moustache" || value == "goatee") return "facial_hair";
    }
    return {};
  }

  Avatar with(const std::string& name, const std::string& key) const {
    Avatar avatar = start_;
    const auto& variants = engine_.components().at(name).variants;
    const bool drawn = std::find(variants.begin(), variants.end(), key) != variants.end();
    avatar.discrete[name] = drawn ? std::optional(key) : std::nullopt;
    return avatar;
  }

  /// What the component adds: against its absence, or against the start where it is never absent.
  static cv::Mat added(const std::string& key, const std::map<std::string, cv::Mat>& pictures) {
    const auto none = pictures.find("none");
    const cv::Mat& base = none == pictures.end() ? pictures.begin()->second : none->second;
    return difference(pictures.at(key), base, 8);
  }

  std::string place_of_accessory(const Component& component, const std::map<std::string, cv::Mat>& pictures) const {
    if (!component.optional) return {};
    int middle = 0, all = 0;
    for (const auto& [key, picture] : pictures) {
      const cv::Mat mask = added(key, pictures);
      all += cv::countNonZero(mask);
      middle += cv::countNonZero(mask(part_of(face_, 0.15, 0, 0.85, 1) & cv::Rect(0, 0, kSize, kSize)));
    }
    return all == 0 ? "" : middle > 0.5 * all ? "glasses" : "earrings";
  }

  Evidence weigh(const std::string& kind, const std::string& name, const std::string& key,
                 const std::map<std::string, cv::Mat>& pictures) const {
    Evidence evidence;
    if (kind == "hair") return weigh_hair(name, key, pictures.at(key));
    Scores& scores = evidence[kind];
    const std::string word = hinted(kind, key);
    if (!word.empty()) scores[word] += kNameWeight;
    const bool optional = engine_.components().at(name).optional;
    if (key == "none") {
      scores[kind == "earrings" ? "no" : "none"] += 2 * kNameWeight;
    } else if (kind == "earrings") {
      scores["yes"] += kNameWeight;
    } else if (kind == "headwear") {
      scores["hat"] += 1;
    } else if (kind == "mouth") {
      cv::Mat white, changing = cv::Mat::zeros(kSize, kSize, CV_8U);  // where this component draws at all
      for (const auto& [other, picture] : pictures) changing |= difference(picture, pictures.begin()->second);
      cv::inRange(pictures.at(key), cv::Scalar::all(238), cv::Scalar::all(255), white);
      const int count = cv::countNonZero(changing);
      scores[count > 0 && cv::countNonZero(white & changing) > 0.03 * count ? "teeth" : "closed"] += kDrawnWeight;
    } else if (kind == "glasses") {
      if (!optional && word.empty()) {
        scores["none"] += kNameWeight;  // eyes among which some wear glasses
      } else {
        const cv::Mat eyes = part_of_picture(pictures.at(key), part_of(face_, 0.15, 0.25, 0.85, 0.6));
        cv::Mat gray, dark;
        cv::cvtColor(eyes, gray, cv::COLOR_RGB2GRAY);
        dark = gray < 80;
        scores[cv::countNonZero(dark) > 0.45 * dark.total() ? "sunglasses" : "eyeglasses"] += kDrawnWeight;
      }
    } else if (kind == "facial_hair") {
      const cv::Mat mask = added(key, pictures);
      cv::Mat change;
      const auto none = pictures.find("none");
      if (none != pictures.end()) {
        cv::absdiff(pictures.at(key), none->second, change);
        const cv::Scalar mean = cv::mean(change, mask);
        scores[facial_hair_of(mask, face_, (mean[0] + mean[1] + mean[2]) / 765)] += kDrawnWeight;
      } else if (word.empty()) {
        scores["none"] += kNameWeight;
      }
    }
    return evidence;
  }

  static cv::Mat part_of_picture(const cv::Mat& picture, const cv::Rect& where) {
    return picture(where & cv::Rect(0, 0, picture.cols, picture.rows));
  }

  Evidence weigh_hair(const std::string& name, const std::string& key, const cv::Mat& picture) const {
    Evidence evidence;
    const std::string hat = hinted("headwear", key);
    if (!hat.empty()) evidence["headwear"][hat] += kNameWeight;
    const cv::Mat hair = hair_mask(name, key, picture);
    if (!hair.empty()) {
      evidence["hair_length"][hair_length_of(hair, face_)] += kDrawnWeight;
      // The box starts at the hairline, or at the crown where the start has no hair.
      const double top = engine_.components().at(name).optional ? 0.12 : 0;
      const bool covered = share(hair, part_of(face_, 0.25, top, 0.75, top + 0.25)) > 0.5;
      evidence["fringe"][covered ? "yes" : "no"] += covered ? 1.5 : 1;
    }
    evidence["fringe"]["no"] += 0.5;
    evidence["hair_texture"]["straight"] += 0.5;
    for (const char* attribute : {"hair_length", "hair_texture", "fringe"}) {
      const std::string word = hinted(attribute, key);
      if (!word.empty()) evidence[attribute][word] += kNameWeight;
    }
    return evidence;
  }

  cv::Mat hair_mask(const std::string& name, const std::string& key, const cv::Mat& picture) const {
    if (roles_.contains("hair")) return colored_by(engine_, with(name, key), roles_.at("hair"));
    if (!models_.parser) return {};
    const std::vector<cv::Mat> parts = models_.parser->parse(align_image(picture, *place_, kSize));
    cv::Mat probability, back;
    cv::resize(parts[static_cast<size_t>(Part::hair)], probability, {kSize, kSize});
    cv::warpAffine(probability, back, cv::Mat(*place_), {kSize, kSize}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
    return back > 0.5;
  }

  /// The estimator's answers, each relative to its mean over the component's variants: that takes out what it makes of
  /// the style as such.
  void add_heads(const std::string& kind, const std::map<std::string, cv::Mat>& pictures,
                 std::map<std::string, Evidence>& evidence) const {
    if (!models_.estimator || !models_.parser) return;
    const std::vector<std::string> wanted =
        kind == "hair" ? std::vector<std::string>{"hair_length", "hair_texture", "fringe"} : std::vector<std::string>{kind};
    std::map<std::string, Evidence> heads;
    Evidence mean;
    for (const auto& [key, picture] : pictures) {
      const cv::Mat aligned = align_image(picture, *place_, kSize);
      for (const HeadOutput& head : models_.estimator->estimate({aligned, models_.parser->parse(aligned), mesh_})) {
        if (head.kind != "attribute" || std::find(wanted.begin(), wanted.end(), head.name) == wanted.end()) continue;
        for (size_t i = 0; i < head.options.size() && i < head.values.size(); ++i) {
          const double value = std::max<double>(head.values[i], -8);
          heads[key][head.name][head.options[i]] = value;
          mean[head.name][head.options[i]] += value / static_cast<double>(pictures.size());
        }
      }
    }
    for (const auto& [key, attributes] : heads) {
      for (const auto& [attribute, values] : attributes) {
        for (const auto& [option, value] : values) {
          if (option == "hidden") continue;
          evidence[key][attribute][option] += kHeadWeight * std::clamp(value - mean[attribute][option], -2.0, 2.0);
        }
      }
    }
  }

  void decide(const std::string& kind, const std::string& name, const std::vector<std::string>& keys,
              std::map<std::string, Evidence>& evidence) {
    const bool hats = std::any_of(keys.begin(), keys.end(), [&](const std::string& key) { return evidence[key].contains("headwear"); });
    const bool front = kind == "hair" && starts_with_any(name, {"front", "fringe", "bang"});
    const bool rear = kind == "hair" && starts_with_any(name, {"rear", "back"});
    for (const std::string& key : keys) {
      ordered_json meaning = ordered_json::object();
      double sure = 1;
      for (const auto& [attribute, scores] : evidence[key]) {
        if (scores.empty() || (front && attribute != "fringe") || (rear && (attribute == "fringe" || key == "none"))) continue;
        const auto best = std::max_element(scores.begin(), scores.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
        double sum = 0;
        for (const auto& [value, score] : scores) sum += std::exp(score - best->second);
        sum += std::exp(-best->second) * (static_cast<double>(attribute_values().at(attribute).size()) - static_cast<double>(scores.size()));
        meaning[attribute] = best->first;
        sure = std::min(sure, 1 / sum);
      }
      if (kind == "hair" && meaning.contains("headwear") && meaning["headwear"] != "other") {
        meaning = {{"headwear", meaning["headwear"]}, {"hair_length", "hidden"}, {"hair_texture", "na"}, {"fringe", "no"}, {"hair_color", "na"}};
      } else if (kind == "hair" && hats && !meaning.contains("headwear")) {
        meaning["headwear"] = "none";
      }
      if (meaning.contains("hair_length") && meaning["hair_length"] == "bald") {
        meaning["hair_texture"] = "na";
        meaning["hair_color"] = "na";
        meaning["fringe"] = "no";
      }
      if (meaning.empty()) continue;
      table_[name][key] = meaning;
      confidence_[name][key] = std::round(sure * 100) / 100;
    }
  }

  static int rank_of(const std::string& kind, const std::string& name) {
    static const std::vector<std::string> kinds = {"hair", "facial_hair", "glasses", "mouth", "earrings", "headwear"};
    const bool behind = kind == "hair" && starts_with_any(name, {"front", "fringe", "bang", "rear", "back"});
    return 2 * static_cast<int>(std::find(kinds.begin(), kinds.end(), kind) - kinds.begin()) + behind;
  }

  void exclude_jokes(const std::string& name, const std::vector<std::string>& keys) {
    ordered_json list = ordered_json::array();
    for (const std::string& key : keys) {
      const std::string text = lower(key);
      const auto is_in = [&](const std::string& word) { return text.find(word) != std::string::npos && text.find("beard") == std::string::npos; };
      if (std::any_of(joke_words().begin(), joke_words().end(), is_in)) list.push_back(key);
    }
    if (!list.empty() && list.size() < keys.size()) exclude_[name] = list;
  }

  const Engine& engine_;
  const DraftModels& models_;
  const Avatar start_;
  const std::map<std::string, std::string> roles_;
  cv::Rect face_;
  std::optional<cv::Matx23d> place_;  // from the drawing to an aligned crop
  // In shares of the crop's side. Where no face is found in the drawing all points lie in the middle: the estimator's
  // answers then tell less, but still tell the variants apart.
  std::vector<cv::Point2f> mesh_ = std::vector<cv::Point2f>(kMeshPoints, cv::Point2f(0.5f, 0.5f));
  std::vector<std::pair<int, std::string>> order_;
  std::map<std::string, ordered_json> table_;
  ordered_json confidence_ = ordered_json::object(), exclude_ = ordered_json::object();
};

}  // namespace

ordered_json draft_semantics(const Engine& engine, const DraftModels& models,
                             const std::function<void(const std::string&)>& progress) {
  Drafter drafter(engine, models);
  for (const auto& [name, component] : engine.components()) {
    if (progress) progress(name);
    drafter.component(name);
  }
  return drafter.write();
}

std::vector<std::string> uncovered_attributes(const Semantics& semantics) {
  std::set<std::string> covered(semantics.impossible().begin(), semantics.impossible().end());
  for (const auto& [component, variants] : semantics.components()) {
    for (const auto& [variant, meaning] : variants) {
      for (const auto& [attribute, values] : meaning) covered.insert(attribute);
    }
  }
  for (const auto& [role, color] : semantics.colors()) {
    if (!color.anchors.empty()) covered.insert(role == "skin" ? "skin_tone" : "hair_color");
  }
  std::vector<std::string> missing;
  for (const auto& [attribute, values] : attribute_values()) {
    if (!covered.contains(attribute)) missing.push_back(attribute);
  }
  return missing;
}

cv::Rect face_box(const cv::Mat& skin) {
  const cv::Rect all = cv::boundingRect(skin);
  if (all.empty()) return {};
  const auto width = [&](int y) { return cv::countNonZero(skin.row(y)) == 0 ? 0 : cv::boundingRect(skin.row(y)).width; };
  // Shoulders may be wider than the face: the widest row counts until the mask narrows to a neck.
  int widest = 0, widest_row = all.y, chin = all.y + all.height;
  for (int y = all.y; y < all.y + all.height; ++y) {
    if (width(y) > widest) {
      widest = width(y);
      widest_row = y;
    } else if (y > widest_row + widest / 8 && width(y) < 0.5 * widest) {
      chin = y;
      break;
    }
  }
  const cv::Rect face = cv::boundingRect(skin.rowRange(all.y, chin));
  return {face.x, all.y, face.width, std::max(chin - all.y, 1)};
}

std::string hair_length_of(const cv::Mat& hair, const cv::Rect& face) {
  const double area = static_cast<double>(cv::countNonZero(hair)) / std::max(face.area(), 1);
  if (area < 0.02) return "bald";
  if (area < 0.10) return "very_short";
  // The lowest row that still has a lock of hair, not only a single hair.
  int lowest = 0;
  for (int y = 0; y < hair.rows; ++y) {
    if (cv::countNonZero(hair.row(y)) > 0.06 * face.width) lowest = y;
  }
  const double fall = static_cast<double>(lowest - face.y) / face.height;
  return fall < 0.72 ? "short" : fall < 1.22 ? "medium" : "long";
}

std::string facial_hair_of(const cv::Mat& changed, const cv::Rect& face, double contrast) {
  const cv::Rect box = cv::boundingRect(changed);
  if (box.empty()) return "none";
  const double width = static_cast<double>(box.width) / face.width;
  if (width > 0.55) return contrast < 0.12 ? "stubble" : "beard";
  const double middle = (box.y + box.height / 2.0 - face.y) / face.height;
  const bool flat = box.height < 0.6 * box.width;
  return flat && middle < 0.85 ? "moustache" : "goatee";
}

}  // namespace swiftavatar
