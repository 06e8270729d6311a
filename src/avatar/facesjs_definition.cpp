#include "avatar/facesjs_definition.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "avatar/definition_reader.h"
#include "avatar/facesjs_layout.h"
#include "avatar/svg_import.h"
#include "avatar/svg_text.h"

namespace swiftavatar {
namespace {

using facesjs::fat_scale, facesjs::Feature, facesjs::kBox, facesjs::kCentre, facesjs::kEarShift, facesjs::kFatness,
    facesjs::kHeight, facesjs::kWidth;
using nlohmann::ordered_json;

const Placeholders& placeholders() {
  static const Placeholders colors = {
      {"$[skinColor]", "skin"}, {"$[hairColor]", "hair"}, {"$[primary]", "primary"}, {"$[secondary]", "secondary"},
      {"$[accent]", "accent"},  {"$[faceShave]", ""},     {"$[headShave]", ""}};
  return colors;
}

std::string number(double value) { return format_number(value); }

ordered_json reference(const std::string& component, const std::string& transform = "") {
  ordered_json node{{"type", "component"}, {"name", component}};
  if (!transform.empty()) node["attributes"] = {{"transform", transform}};
  return node;
}

ordered_json group(const std::string& attribute, const std::string& value, ordered_json children) {
  if (children.empty()) return ordered_json::array();
  ordered_json node{{"type", "element"}, {"name", "g"}};
  node["attributes"] = {{attribute, value}};
  node["children"] = std::move(children);
  return ordered_json::array({std::move(node)});
}

std::string translate(double x, double y) { return "translate(" + number(x) + " " + number(y) + ")"; }

// "faux-hawk" -> "fauxHawk": variants have camelCase names.
std::string camel_case(const std::string& id) {
  std::string name;
  bool upper = false;
  for (const char c : id) {
    if (!std::isalnum(static_cast<unsigned char>(c))) {
      upper = !name.empty();
    } else if (name.size() < 48) {
      const auto letter = static_cast<unsigned char>(c);
      name += static_cast<char>(name.empty() ? std::tolower(letter) : upper ? std::toupper(letter) : letter);
      upper = false;
    }
  }
  return name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) ? "v" + name : name;
}

// Multiplies the stroke widths that are attributes.
void scale_strokes(ordered_json& elements, double factor) {
  for (ordered_json& element : elements) {
    if (element.contains("attributes") && element["attributes"].contains("stroke-width")) {
      ordered_json& width = element["attributes"]["stroke-width"];
      SplitNumbers split = split_numbers(width.get<std::string>(), false);
      for (double& value : split.numbers) value *= factor;
      width = join_numbers(split);
    }
    if (element.contains("children")) scale_strokes(element["children"], factor);
  }
}

class Builder {
 public:
  Builder(const FacesjsParts& parts, const std::filesystem::path& where) : parts_(parts), where_(where) {
    for (const char* name : {"skin", "hair", "primary", "secondary", "accent"}) palettes_[name] = {};
  }

  FacesjsDefinition run() {
    result_.warnings = parts_.warnings;
    for (const Feature& feature : facesjs::features()) add_feature(feature);
    if (has_shades_) add_stubble();
    ordered_json document;
    document["meta"] = {{"license", {{"name", "Apache-2.0"}, {"url", "https://www.apache.org/licenses/LICENSE-2.0"}}},
                        {"creator", {{"name", "the authors of faces.js"}}},
                        {"source", {{"name", "faces.js"}, {"url", "https://github.com/zengm-games/facesjs"}}}};
    document["canvas"] = {{"width", kWidth}, {"height", kHeight}, {"elements", canvas_}};
    document["components"] = components_;
    document["colors"] = facesjs::colors();
    document["parameters"] = parameters();
    document["tied"] = tied_;
    if (ordered_json map = hats(); !map.empty()) document["substitutes"] = std::move(map);
    document["anchors"] = anchors_;
    result_.text = document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    return std::move(result_);
  }

 private:
  void add_feature(const Feature& feature) {
    component(feature.name, feature.at, feature.optional ? 10 : 100);
    if (splits(feature)) tie(feature.name + "Part", feature.name, feature.at);
    if (feature.name == "head") {
      tie("headShade", "head", {});
      tie("headShadePart", "head", {});
    }
    std::vector<std::string> ids;
    if (const auto found = parts_.svgs.find(feature.name); found != parts_.svgs.end()) {
      for (const auto& [id, svg] : found->second) ids.push_back(id);
    }
    std::stable_partition(ids.begin(), ids.end(), [&](const std::string& id) { return id == feature.first; });
    for (const std::string& id : ids) add_part(feature, id, parts_.svgs.at(feature.name).at(id));
    if (result_.names[feature.name].empty()) {
      if (!feature.optional) {
        throw Failure(ErrorCode::engine_invalid,
                      where_.string() + ": has no drawing of the feature " + feature.name +
                          " that can be used, and every face needs one; give a complete faces.js");
      }
      result_.names.erase(feature.name);
      components_.erase(feature.name);
      components_.erase(feature.name + "Part");
      tied_.erase(feature.name + "Part");
      return;
    }
    place(feature);
  }

  // Whether the drawing stands in a component of its own that scales (or moves) inside the one that is chosen: about
  // each drawing's own centre, as faces.js does.
  static bool splits(const Feature& feature) { return feature.fat || feature.sized || feature.name == "ear"; }

  void component(const std::string& name, const std::vector<cv::Point2d>& at, int probability) {
    ordered_json& entry = components_[name];
    entry["width"] = at.empty() ? kWidth : kBox;
    entry["height"] = at.empty() ? kHeight : kBox;
    if (probability < 100) entry["probability"] = probability;
    entry["keepStroke"] = true;
    entry["variants"] = ordered_json::object();
  }

  void tie(const std::string& name, const std::string& other, const std::vector<cv::Point2d>& at) {
    component(name, at, 100);
    tied_[name] = other;
  }

  void add_part(const Feature& feature, const std::string& id, const std::string& svg) {
    if (id == "none") return;  // the component is absent
    ImportedSvg part;
    try {
      part = import_svg(svg, placeholders());
      for (const ordered_json* list : {&part.elements, &part.shades}) {
        ElementReader(palettes_, ordered_json::object()).elements(JsonView(*list, ""));
      }
    } catch (const Failure& failure) {
      result_.warnings.push_back(feature.name + "/" + id + ": left out, it " + failure.error().message);
      return;
    }
    for (const bool flip : {false, true}) {
      if (!flip || feature.flips) add_variant(feature, new_name(feature.name, id, flip), id, part, flip);
    }
  }

  std::string new_name(const std::string& feature, const std::string& id, bool flip) {
    auto& names = result_.names[feature];
    const std::string base = camel_case(id) + (flip ? "Flip" : "");
    std::string name = base;
    for (int i = 2; names.contains(name) || name == "none"; ++i) name = base + "V" + std::to_string(i);
    names[name] = {id, flip};
    return name;
  }

  void set(const std::string& component, const std::string& variant, ordered_json elements) {
    components_[component]["variants"][variant] = {{"elements", std::move(elements)}};
  }

  void add_variant(const Feature& feature, const std::string& name, const std::string& id, const ImportedSvg& part,
                   bool flip) {
    const cv::Point2d centre((part.box.x + part.box.width / 2), part.box.y + part.box.height / 2);
    const std::string inner = splits(feature) ? feature.name + "Part" : feature.name;
    ordered_json content = part.elements;
    if (!feature.at.empty()) {
      // Two noses in profile are placed by their left edge instead of their centre.
      const bool profile = feature.name == "nose" && (id == "nose4" || id == "pinocchio");
      cv::Point2d shift(kBox / 2 - (profile ? part.box.x : centre.x), kBox / 2 - centre.y);
      if (feature.name == "ear") shift += cv::Point2d(kEarShift * (1 - kFatness) - part.box.x, -part.box.y);
      content = group("transform", translate(shift.x, shift.y), std::move(content));
      if (flip) content = group("transform", translate(kBox, 0) + " scale(-1 1)", std::move(content));
      set(inner, name, std::move(content));
      if (feature.name == "ear") set(feature.name, name, ordered_json::array({reference(inner)}));
    } else if (splits(feature)) {
      const std::string outer = translate(centre.x - kCentre, 0);
      set(inner, name, centred(feature, centre.x, std::move(content), flip));
      set(feature.name, name, group("transform", outer, ordered_json::array({reference(inner)})));
      if (feature.name == "head") {
        has_shades_ = has_shades_ || !part.shades.empty();
        set("headShadePart", name, centred(feature, centre.x, part.shades, flip));
        set("headShade", name, group("transform", outer, ordered_json::array({reference("headShadePart")})));
      }
    } else {
      set(inner, name, std::move(content));
    }
    if (!flip) add_anchors(feature, name, part.box);
  }

  // The drawing with its centre on the component's, at the default's width.
  static ordered_json centred(const Feature& feature, double centre, ordered_json content, bool flip) {
    const double scale = feature.fat ? fat_scale(kFatness) : 1;
    if (feature.fat) scale_strokes(content, 2 / (1 + scale));
    return group("transform",
                 translate(kCentre, 0) + " scale(" + number(flip ? -scale : scale) + " 1) " + translate(-centre, 0),
                 std::move(content));
  }

  void place(const Feature& feature) {
    if (feature.at.empty()) {
      canvas_.push_back(reference(feature.name));
      if (feature.name == "head" && has_shades_) canvas_.push_back(reference("stubble"));
      return;
    }
    canvas_.push_back(reference(feature.name, translate(feature.at[0].x - kBox / 2, feature.at[0].y - kBox / 2)));
    if (feature.at.size() < 2) return;
    canvas_.push_back(
        reference(feature.name, translate(feature.at[1].x + kBox / 2, feature.at[1].y - kBox / 2) + " scale(-1 1)"));
  }

  // A slider blends between no stubble and faces.js' darkest.
  void add_stubble() {
    component("stubble", {}, 10);
    for (const auto& [name, opacity] : {std::pair("shade", "0.1"), std::pair("clear", "0"), std::pair("dark", "0.2")}) {
      set("stubble", name, group("opacity", opacity, ordered_json::array({reference("headShade")})));
    }
  }

  void add_anchors(const Feature& feature, const std::string& variant, const cv::Rect2d& box) {
    const bool is_head = feature.name == "head";
    for (const facesjs::Anchor& anchor : facesjs::anchors()) {
      if (anchor.feature != feature.name) continue;
      const double x =
          is_head ? kCentre + anchor.x * (box.width / 2 * fat_scale(kFatness)) : kBox / 2 + anchor.x * box.width / 2;
      const double y = is_head ? box.y + anchor.y * box.height : kBox / 2 + anchor.y * box.height / 2;
      if (anchors_.contains(anchor.index)) {
        anchors_[anchor.index]["variants"][variant] = {x, y};
        continue;
      }
      ordered_json& entry = anchors_[anchor.index];
      entry["component"] = is_head ? "headPart" : feature.name;
      if (!is_head) entry["instance"] = anchor.instance;
      entry["x"] = x;
      entry["y"] = y;
    }
  }

  static ordered_json drive(const std::string& component, const std::string& property, double from, double to) {
    return {{"component", component}, {"property", property}, {"from", from}, {"to", to}};
  }

  static ordered_json slider(double min, double max, double value, const std::string& measure, ordered_json drives) {
    ordered_json entry{{"min", min}, {"max", max}, {"default", value}};
    if (!measure.empty()) entry["measure"] = measure;
    entry["drives"] = std::move(drives);
    return entry;
  }

  // The ranges are those that faces.js draws its random faces from, men and women together.
  ordered_json parameters() const {
    ordered_json sliders;
    ordered_json fat = ordered_json::array(), body = ordered_json::array();
    const double base = fat_scale(kFatness);
    for (const auto& [name, other] : tied_.items()) {
      const std::string feature = name == "headShadePart" ? "head" : other.get<std::string>();
      if (name == "headShade") continue;
      const auto& all = facesjs::features();
      const auto found = std::find_if(all.begin(), all.end(), [&](const Feature& f) { return f.name == feature; });
      if (found->fat) fat.push_back(drive(name, "scaleX", fat_scale(0) / base, fat_scale(1) / base));
      if (found->sized) body.push_back(drive(name, "scaleX", 0.8, 1.05));
    }
    fat.push_back(drive("earPart", "translateX", kEarShift * kFatness, -kEarShift * (1 - kFatness)));
    sliders["fatness"] = slider(0, 1, kFatness, "face_width", std::move(fat));
    sliders["body_size"] = slider(0.8, 1.05, 1, "jaw_width", std::move(body));
    sliders["ear_size"] = slider(0.5, 1.5, 1, "", {drive("ear", "scaleX", 0.5, 1.5), drive("ear", "scaleY", 0.5, 1.5)});
    sliders["nose_size"] =
        slider(0.5, 1.25, 1, "nose_length", {drive("nose", "scaleX", 0.5, 1.25), drive("nose", "scaleY", 0.5, 1.25)});
    sliders["eye_tilt"] = slider(-10, 15, 0, "eye_tilt", {drive("eye", "rotate", -10, 15)});
    sliders["brow_tilt"] = slider(-15, 20, 0, "brow_tilt", {drive("eyebrow", "rotate", -15, 20)});
    if (components_.contains("smileLine")) {
      sliders["smile_line_size"] =
          slider(0.25, 2.25, 1, "mouth_width",
                 {drive("smileLine", "scaleX", 0.25, 2.25), drive("smileLine", "scaleY", 0.25, 2.25)});
    }
    if (has_shades_) {
      ordered_json blend{{"component", "stubble"}, {"property", "blend"}, {"from", "clear"}, {"to", "dark"}};
      sliders["stubble"] = slider(0, 0.2, 0.1, "", ordered_json::array({std::move(blend)}));
      // Darker the more the face tends to a beard.
      sliders["stubble"]["follows"] = {{"attribute", "facial_hair"},
                                       {"positions", {{"none", 0}, {"stubble", 0.5}, {"goatee", 0.8}, {"beard", 1}}}};
    }
    return sliders;
  }

  ordered_json hats() const {
    ordered_json shown = ordered_json::array(), draw = ordered_json::object();
    for (const std::string& hat : facesjs::hats()) {
      if (const std::string name = result_.variant("accessories", hat); !name.empty()) shown.push_back(name);
    }
    for (const auto& [hair, instead] : facesjs::below_hats()) {
      for (const bool flip : {false, true}) {
        const std::string from = result_.variant("hair", hair, flip), to = result_.variant("hair", instead, flip);
        if (!from.empty() && !to.empty()) draw[from] = to;
      }
    }
    if (shown.empty()) return ordered_json::object();
    return {{"hair", {{"where", "accessories"}, {"shows", shown}, {"draw", draw}}}};
  }

  const FacesjsParts& parts_;
  const std::filesystem::path& where_;
  std::map<std::string, Palette> palettes_;
  ordered_json canvas_ = ordered_json::array(), components_ = ordered_json::object(), tied_ = ordered_json::object(),
               anchors_ = ordered_json::object();
  bool has_shades_ = false;
  FacesjsDefinition result_;
};

}  // namespace

std::string FacesjsDefinition::variant(const std::string& feature, const std::string& id, bool flip) const {
  const auto variants = names.find(feature);
  if (variants == names.end()) return {};
  for (const auto& [name, meaning] : variants->second) {
    if (meaning.id == id && meaning.flip == flip) return name;
  }
  return {};
}

FacesjsDefinition define_facesjs(const FacesjsParts& parts, const std::filesystem::path& where) {
  return Builder(parts, where).run();
}

}  // namespace swiftavatar
