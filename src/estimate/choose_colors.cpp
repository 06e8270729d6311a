// Colours: the attribute's value first, then the measured colour as far as it stays inside that value's cell.

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>

#include "avatar/hex_color.h"
#include "estimate/choose.h"
#include "estimate/iris.h"
#include "estimate/lab.h"
#include "swiftavatar/image.h"

namespace swiftavatar {
namespace {

constexpr double kSkinReach = 8;    // largest step from a skin tone's anchor toward the measured chroma, CIEDE2000
constexpr double kHairShare = 0.5;  // of the way from a hair colour's anchor to the measured hair
constexpr double kEyeShare = 0.67,
                 kLipShare = 0.5;                 // of the way from measured irises and lips to the palette's nearest
constexpr double kGrown = 0.5;                    // how likely a beard is from which on its own colour counts
constexpr double kGreyFrom = 0.3, kGreyTo = 0.6;  // of the skin's chroma that a grey beard lacks
constexpr double kLighter = 20;                   // L* by which a grey beard is lighter than the hair at least
constexpr double kStrongCast = 0.6;  // of the light; beyond it a measured colour is the light's, not the person's
constexpr double kDarker = 0.85;     // lightness of brows and facial hair relative to the hair

using Anchors = std::map<std::string, std::vector<std::string>>;

double chroma(const cv::Vec3d& lab) { return std::hypot(lab[1], lab[2]); }

std::string hex_of(const cv::Vec3d& lab) { return to_hex(from_lab(lab)); }

/// The value's anchor that is nearest to the measured colour, or its first one.
cv::Vec3d anchor_of(const std::vector<std::string>& hexes, const cv::Vec3d* measured) {
  cv::Vec3d best = hex_to_lab(hexes.front());
  if (!measured) return best;
  for (const std::string& hex : hexes) {
    const cv::Vec3d candidate = hex_to_lab(hex);
    if (ciede2000(*measured, candidate) < ciede2000(*measured, best)) best = candidate;
  }
  return best;
}

/// Blue, grey or green, as a palette has them: neither reddish nor nearly black.
bool is_light_iris(const cv::Vec3d& lab) { return lab[1] < 2 && lab[0] > 25; }

/// The point farthest along the way from `anchor` to `target` that is still read as `value` after rounding to 8 bits.
std::string keep_inside(const Semantics::Role& role, const std::string& value, const cv::Vec3d& anchor,
                        const cv::Vec3d& target) {
  constexpr int kSteps = 16;
  for (int step = kSteps; step > 0; --step) {
    const std::string hex = hex_of(anchor + (target - anchor) * (static_cast<double>(step) / kSteps));
    if (role.nearest_value(hex_to_lab(hex)) == value) return hex;
  }
  return hex_of(anchor);
}

/// The likeliest value that has an anchor, and its probability among those.
std::pair<std::string, double> likeliest(const Anchors& anchors, const std::map<std::string, double>& scores) {
  std::string best;
  double best_score = -std::numeric_limits<double>::infinity(), sum = 0;
  for (const auto& [value, unused] : anchors) {
    const auto found = scores.find(value);
    if (found == scores.end()) continue;
    sum += std::exp(found->second);
    if (found->second > best_score) {
      best = value;
      best_score = found->second;
    }
  }
  return {best, sum > 0 ? std::exp(best_score) / sum : 0};
}

/// Fills the roles one by one. Brows and facial hair follow `hair`, so it comes first.
class Painter {
 public:
  Painter(const Semantics& semantics, const LogProbabilities& attributes, const FaceColors& measured,
          Estimate& estimate)
      : semantics_(semantics), attributes_(attributes), measured_(measured), estimate_(estimate) {}

  void skin() {
    with_anchors("skin", "skin_tone", [](const cv::Vec3d& anchor, const cv::Vec3d& seen) {
      const cv::Vec3d target(anchor[0], seen[1], seen[2]);  // the tone's lightness, the person's hue
      const double distance = ciede2000(anchor, target);
      return distance > kSkinReach ? anchor + (target - anchor) * (kSkinReach / distance) : target;
    });
  }

  void hair() {
    with_anchors("hair", "hair_color",
                 [](const cv::Vec3d& anchor, const cv::Vec3d& seen) { return anchor + (seen - anchor) * kHairShare; });
  }

  /// Like the hair; a beard that is more than stubble and greyer than that, as grey as it was measured. Skin shows
  /// through most beards, so that their hue says little.
  void beard() {
    like_hair("facial_hair");
    const auto target = role_color("facial_hair");
    const auto seen = measured_.roles.find("facial_hair"), skin = measured_.roles.find("skin");
    if (!target || seen == measured_.roles.end() || skin == measured_.roles.end()) return;
    if (share("facial_hair", {"beard", "goatee", "moustache"}) < kGrown) return;
    const cv::Vec3d like = hex_to_lab(estimate_.avatar.colors.at(*target)), beard = to_lab(seen->second.rgb);
    const double colourless = 1 - chroma(beard) / std::max(chroma(to_lab(skin->second.rgb)), 1.0);
    const double grey = std::clamp((colourless - kGreyFrom) / (kGreyTo - kGreyFrom), 0.0, 1.0) *
                        std::clamp((beard[0] - like[0]) / kLighter, 0.0, 1.0);
    if (grey > 0) set(*target, hex_of(like + (beard - like) * grey), grey * seen->second.confidence);
  }

  /// Brows and facial hair: a little darker than the hair; a bald head's brows as they were measured.
  void like_hair(const std::string& role) {
    const auto target = role_color(role);
    const auto source = role_color("hair");
    if (!target || (source && *source == *target)) return;
    const auto seen = measured_.roles.find("brows");
    const auto confident = source ? estimate_.colors.find(*source) : estimate_.colors.end();
    if (confident != estimate_.colors.end() && confident->second > 0) {
      cv::Vec3d lab = hex_to_lab(estimate_.avatar.colors.at(*source));
      lab[0] *= kDarker;
      set(*target, hex_of(lab), confident->second);
    } else if (seen != measured_.roles.end()) {
      set(*target, to_hex(seen->second.rgb), seen->second.confidence);
    }
  }

  /// Toward the palette's nearest colour of the estimated kind (light or brown): irises are small and dark, and
  /// measured colours are mixed with lashes and shade.
  void eyes(const Palette* palette) {
    if (role_color("eyes") && share("glasses", {"sunglasses"}) > 0.5) {
      estimate_.warnings.emplace_back("The person wears sunglasses: the colour of the eyes is the engine's default.");
      return;
    }
    if (palette && measured_.light_irises) {
      const bool light = *measured_.light_irises + kIrisesOfTone4 * share("skin_tone", {"4"}) +
                             kIrisesOfDarkSkin * share("skin_tone", {"5", "6", "7", "8", "9", "10"}) +
                             kIrisesOfBlackHair * share("hair_color", {"black"}) >
                         0;
      Palette kind{.values = {}};
      std::copy_if(palette->values.begin(), palette->values.end(), std::back_inserter(kind.values),
                   [&](const std::string& hex) { return is_light_iris(hex_to_lab(hex)) == light; });
      if (!kind.values.empty()) return as_measured("eyes", &kind, kEyeShare);
    }
    as_measured("eyes", palette, kEyeShare);
  }

  /// As measured; a colour that is hard to see (eyes, lips) is drawn `share` of the way to the palette's nearest.
  void as_measured(const std::string& role, const Palette* toward_palette = nullptr, double share = kLipShare) {
    const auto target = role_color(role);
    const auto seen = measured_.roles.find(role);
    if (!target || seen == measured_.roles.end()) return;
    cv::Vec3d lab = to_lab(seen->second.rgb);
    if (toward_palette && !toward_palette->values.empty())
      lab += (anchor_of(toward_palette->values, &lab) - lab) * share;
    set(*target, hex_of(lab), seen->second.confidence);
  }

  std::optional<std::string> role_color(const std::string& role) const {
    const auto found = semantics_.colors().find(role);
    if (found == semantics_.colors().end()) return std::nullopt;
    return found->second.color;
  }

 private:
  /// How likely an attribute has one of these values; 0 without a head.
  double share(const std::string& attribute, const std::set<std::string>& values) const {
    const auto scores = attributes_.find(attribute);
    double wanted = 0, all = 0;
    if (scores == attributes_.end()) return 0;
    for (const auto& [value, score] : scores->second) {
      all += std::exp(score);
      if (values.contains(value)) wanted += std::exp(score);
    }
    return all > 0 ? wanted / all : 0;
  }

  template <class Move>
  void with_anchors(const std::string& role_name, const std::string& attribute, const Move& move) {
    const auto role = semantics_.colors().find(role_name);
    if (role == semantics_.colors().end()) return;
    const auto seen = measured_.roles.find(role_name);
    const auto scores = attributes_.find(attribute);
    const auto [value, probability] = scores == attributes_.end() ? std::pair<std::string, double>{}
                                                                  : likeliest(role->second.anchors, scores->second);
    if (value.empty()) {  // no head, or no anchors: the measured colour as it is
      if (seen != measured_.roles.end()) set(role->second.color, to_hex(seen->second.rgb), seen->second.confidence);
      return;
    }
    const auto& hexes = role->second.anchors.at(value);
    if (seen == measured_.roles.end()) {
      set(role->second.color, hex_of(anchor_of(hexes, nullptr)), probability * 0.5);
      return;
    }
    const cv::Vec3d lab = to_lab(seen->second.rgb);
    const cv::Vec3d anchor = anchor_of(hexes, &lab);
    set(role->second.color, keep_inside(role->second, value, anchor, move(anchor, lab)),
        probability * (0.5 + 0.5 * seen->second.confidence));
  }

  void set(const std::string& color, const std::string& hex, double confidence) {
    estimate_.avatar.colors[color] = hex;
    estimate_.colors[color] = std::clamp(confidence, 0.0, 1.0);
  }

  const Semantics& semantics_;
  const LogProbabilities& attributes_;
  const FaceColors& measured_;
  Estimate& estimate_;
};

}  // namespace

void choose_colors(const Engine& engine, const Semantics& semantics, const LogProbabilities& attributes,
                   const FaceColors& measured, Estimate& estimate) {
  FaceColors colors = measured;
  if (colors.cast > kStrongCast) {  // the attributes' own shades instead
    for (const char* role : {"skin", "hair", "facial_hair"}) colors.roles.erase(role);
    estimate.warnings.emplace_back(
        "The light in the photo is strongly coloured: skin and hair have plain shades of their estimated tones, other "
        "colours are guesses.");
  }
  for (const auto& [name, hex] : estimate.avatar.colors) estimate.colors[name] = 0;  // defaults: nothing known
  Painter painter(semantics, attributes, colors, estimate);
  painter.skin();
  painter.hair();
  painter.like_hair("brows");
  painter.beard();
  const auto palette = [&](const char* role) {
    const auto color = painter.role_color(role);
    return color && engine.palettes().contains(*color) ? &engine.palettes().at(*color) : nullptr;
  };
  painter.eyes(palette("eyes"));
  painter.as_measured("lips", palette("lips"));
  for (const char* role : {"clothes", "headwear"}) painter.as_measured(role);
  if (colors.monochrome) {
    estimate.warnings.push_back("The photo is black-and-white: colours that it cannot show are the engine's defaults.");
  }
}

}  // namespace swiftavatar
