#include "draft/semantics.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include <opencv2/imgproc.hpp>

#include "draft/drawing.h"
#include "draft/names.h"

namespace swiftavatar {
namespace {

using nlohmann::ordered_json;

constexpr double kNameWeight = 3;    // log-odds that a word in a variant's name is worth
constexpr double kDrawnWeight = 2;   // what the drawing's own geometry is worth
constexpr double kHeadWeight = 0.5;  // of the estimator's log-probabilities: it has seen photos, not cartoons

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

/// Evidence for the values of one variant, by attribute.
using Evidence = std::map<std::string, Scores>;

class Drafter {
 public:
  Drafter(const Engine& engine, const DraftModels& models)
      : engine_(engine), models_(models), start_(bare_avatar(engine)), roles_(color_roles(engine)) {
    const cv::Mat picture = draw_square(engine, start_);
    if (roles_.contains("skin")) {
      face_ = face_box(color_mask(engine, start_, roles_.at("skin")));
    }
    if (models.detector) {
      const std::vector<Face> faces = models.detector->detect(picture, FaceSearch::largest);
      if (!faces.empty()) {
        place_ = align_transform(faces.front().five(), kDraftSize);
        mesh_ = transform_points(faces.front().mesh, *place_);
        for (cv::Point2f& point : mesh_) point /= kDraftSize;
      }
    }
    if (face_.empty()) face_ = {kDraftSize / 4, kDraftSize / 5, kDraftSize / 2, kDraftSize * 3 / 5};
    if (!place_) {  // the drawn face where an aligned photo has it
      const double scale = 0.50 * kDraftSize / face_.width;
      place_ = cv::Matx23d(scale, 0, kDraftSize / 2.0 - scale * (face_.x + face_.width / 2.0), 0, scale,
                           0.55 * kDraftSize - scale * (face_.y + face_.height / 2.0));
    }
  }

  void component(const std::string& name) {
    const Component& component = engine_.components().at(name);
    std::string kind = kind_from_name(name);
    if (kind.empty()) kind = kind_from_variants(component);
    const std::vector<std::string> keys = keys_of(component);
    exclude_jokes(name, keys);
    if (kind.empty() || keys.size() < 2) return;
    std::map<std::string, cv::Mat> pictures;
    for (const std::string& key : keys) pictures[key] = draw_square(engine_, with(name, key));
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
                           {"note",
                            "Drafted by swiftavatar engines semantics from drawings and names. Look at every variant, "
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
    if (component.optional && std::find(keys.begin(), keys.end(), "none") == keys.end())
      keys.insert(keys.begin(), "none");
    return keys;
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
    return difference_mask(pictures.at(key), base, 8);
  }

  std::string place_of_accessory(const Component& component, const std::map<std::string, cv::Mat>& pictures) const {
    if (!component.optional) return {};
    int middle = 0, all = 0;
    for (const auto& [key, picture] : pictures) {
      const cv::Mat mask = added(key, pictures);
      all += cv::countNonZero(mask);
      middle += cv::countNonZero(mask(part_of(face_, 0.15, 0, 0.85, 1) & cv::Rect(0, 0, kDraftSize, kDraftSize)));
    }
    return all == 0 ? "" : middle > 0.5 * all ? "glasses" : "earrings";
  }

  Evidence weigh(const std::string& kind, const std::string& name, const std::string& key,
                 const std::map<std::string, cv::Mat>& pictures) const {
    Evidence evidence;
    if (kind == "hair") return weigh_hair(name, key, pictures.at(key));
    Scores& scores = evidence[kind];
    const std::string word = value_from_name(kind, key);
    if (!word.empty()) scores[word] += kNameWeight;
    const bool optional = engine_.components().at(name).optional;
    if (key == "none") {
      scores[kind == "earrings" ? "no" : "none"] += 2 * kNameWeight;
    } else if (kind == "earrings") {
      scores["yes"] += kNameWeight;
    } else if (kind == "headwear") {
      scores["hat"] += 1;
    } else if (kind == "mouth") {
      cv::Mat white, changing = cv::Mat::zeros(kDraftSize, kDraftSize, CV_8U);  // where this component draws at all
      for (const auto& [other, picture] : pictures) changing |= difference_mask(picture, pictures.begin()->second);
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
    const std::string hat = value_from_name("headwear", key);
    if (!hat.empty()) evidence["headwear"][hat] += kNameWeight;
    const cv::Mat hair = hair_mask(name, key, picture);
    if (!hair.empty()) {
      evidence["hair_length"][hair_length_of(hair, face_)] += kDrawnWeight;
      // The box starts at the hairline, or at the crown where the start has no hair.
      const double top = engine_.components().at(name).optional ? 0.12 : 0;
      const bool covered = share_of(hair, part_of(face_, 0.25, top, 0.75, top + 0.25)) > 0.5;
      evidence["fringe"][covered ? "yes" : "no"] += covered ? 1.5 : 1;
    }
    evidence["fringe"]["no"] += 0.5;
    evidence["hair_texture"]["straight"] += 0.5;
    for (const char* attribute : {"hair_length", "hair_texture", "fringe"}) {
      const std::string word = value_from_name(attribute, key);
      if (!word.empty()) evidence[attribute][word] += kNameWeight;
    }
    return evidence;
  }

  cv::Mat hair_mask(const std::string& name, const std::string& key, const cv::Mat& picture) const {
    if (roles_.contains("hair")) return color_mask(engine_, with(name, key), roles_.at("hair"));
    if (!models_.parser) return {};
    const std::vector<cv::Mat> parts = models_.parser->parse(align_image(picture, *place_, kDraftSize));
    cv::Mat probability, back;
    cv::resize(parts[static_cast<size_t>(Part::hair)], probability, {kDraftSize, kDraftSize});
    cv::warpAffine(probability, back, cv::Mat(*place_), {kDraftSize, kDraftSize},
                   cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
    return back > 0.5;
  }

  /// The estimator's answers, each relative to its mean over the component's variants, which removes the effect of the
  /// style itself.
  void add_heads(const std::string& kind, const std::map<std::string, cv::Mat>& pictures,
                 std::map<std::string, Evidence>& evidence) const {
    if (!models_.estimator || !models_.parser) return;
    const std::vector<std::string> wanted = kind == "hair"
                                                ? std::vector<std::string>{"hair_length", "hair_texture", "fringe"}
                                                : std::vector<std::string>{kind};
    std::map<std::string, Evidence> heads;
    Evidence mean;
    for (const auto& [key, picture] : pictures) {
      const cv::Mat aligned = align_image(picture, *place_, kDraftSize);
      for (const HeadOutput& head : models_.estimator->estimate({aligned, models_.parser->parse(aligned), mesh_})) {
        if (head.kind != HeadKind::attribute || std::find(wanted.begin(), wanted.end(), head.name) == wanted.end())
          continue;
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
    const bool hats = std::any_of(keys.begin(), keys.end(),
                                  [&](const std::string& key) { return evidence[key].contains("headwear"); });
    const bool front = kind == "hair" && is_front(name);
    const bool rear = kind == "hair" && is_rear(name);
    for (const std::string& key : keys) {
      ordered_json meaning = ordered_json::object();
      double sure = 1;
      for (const auto& [attribute, scores] : evidence[key]) {
        if (scores.empty() || (front && attribute != "fringe") || (rear && (attribute == "fringe" || key == "none")))
          continue;
        const auto best = std::max_element(scores.begin(), scores.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
        double sum = 0;
        for (const auto& [value, score] : scores) sum += std::exp(score - best->second);
        sum += std::exp(-best->second) *
               (static_cast<double>(attribute_values().at(attribute).size()) - static_cast<double>(scores.size()));
        meaning[attribute] = best->first;
        sure = std::min(sure, 1 / sum);
      }
      if (kind == "hair" && meaning.contains("headwear") && meaning["headwear"] != "other") {
        meaning = {{"headwear", meaning["headwear"]},
                   {"hair_length", "hidden"},
                   {"hair_texture", "na"},
                   {"fringe", "no"},
                   {"hair_color", "na"}};
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
    const bool behind = kind == "hair" && (is_front(name) || is_rear(name));
    return 2 * static_cast<int>(std::find(kinds.begin(), kinds.end(), kind) - kinds.begin()) + behind;
  }

  void exclude_jokes(const std::string& name, const std::vector<std::string>& keys) {
    ordered_json list = ordered_json::array();
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(list), is_joke);
    if (!list.empty() && list.size() < keys.size()) exclude_[name] = list;
  }

  const Engine& engine_;
  const DraftModels& models_;
  const Avatar start_;
  const std::map<std::string, std::string> roles_;
  cv::Rect face_;
  std::optional<cv::Matx23d> place_;  // from the drawing to an aligned crop
  // In shares of the crop's side. Where no face is found in the drawing, all points lie in the middle: the estimator's
  // answers are then weaker, but still differ between variants.
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

}  // namespace swiftavatar
