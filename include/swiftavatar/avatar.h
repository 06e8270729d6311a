#pragma once
// Avatar engines as data: a definition (DiceBear 10 plus `parameters` and `anchors`), its semantics, an avatar vector,
// and its picture.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "swiftavatar/result.h"

namespace swiftavatar {

/// An avatar vector: what a person would set in the engine's menus.
struct Avatar {
  std::map<std::string, std::optional<std::string>> discrete;  ///< component -> variant, nullopt = absent
  std::map<std::string, double> continuous;                    ///< slider -> value in the slider's range
  std::map<std::string, std::string> colors;                   ///< colour name -> "#rrggbb"
};

/// {"discrete": {component: variant or null}, "continuous": {slider: number}, "colors": {colour: "#rrggbb"}}.
nlohmann::json to_json(const Avatar& avatar);
/// The reverse; a group may be missing. Only the types are checked (usage names the key): Engine::check does the rest.
Result<Avatar> avatar_from_json(const nlohmann::json& json);

/// How a slider moves a component; docs/engine-definition.md has the exact meaning.
struct Drive {
  enum class Property { translate_x, translate_y, scale_x, scale_y, rotate, blend };
  std::string component;
  Property property = Property::translate_x;
  int instance = -1;        ///< which reference of the component on the canvas; -1 = all
  double from = 0, to = 0;  ///< value at the slider's min and max; linear on both sides of the default (identity)
  std::string blend_from, blend_to;  ///< for blend (from -0.5, to 0.5): the variants that `from` and `to` name
};

struct Slider {
  double min = 0, max = 1, value = 0.5;     ///< value: the default
  std::string measure;                      ///< one of measure_names(), or empty
  std::string attribute;                    ///< the attribute that the slider follows, or empty
  std::map<std::string, double> positions;  ///< attribute value -> position 0..1; the slider takes the expected one
  std::vector<Drive> drives;
};

struct Component {
  double width = 0, height = 0;
  bool optional = false;              ///< probability below 100: "none" is a choice
  std::vector<std::string> variants;  ///< in file order
};

struct Palette {
  std::vector<std::string> values;  ///< "#rrggbb" (or "#rrggbbaa" where the file has alpha), lower case
};

struct Art;  // the drawable form of a definition (src/avatar/art.h)

/// A definition that has been checked. Immutable; make once, use for every avatar. Copies share what it holds.
class Engine {
 public:
  /// Parses and validates; the message of engine_invalid names the JSON path.
  static Result<Engine> parse(const std::string& text, const std::string& name);
  static Result<Engine> open(const std::filesystem::path& definition, const std::string& name);

  const std::string& name() const { return parts_->name; }
  /// Of the definition's text.
  const std::string& sha256() const { return parts_->sha256; }
  double width() const { return parts_->width; }
  double height() const { return parts_->height; }
  /// What an avatar chooses: without aliases and tied components, which follow another one.
  const std::map<std::string, Component>& components() const { return parts_->components; }
  const std::map<std::string, Slider>& sliders() const { return parts_->sliders; }
  const std::map<std::string, Palette>& palettes() const { return parts_->palettes; }
  const nlohmann::json& definition() const { return parts_->definition; }
  /// Whether the program was built with this definition, by its hash: one of its own engines or DiceBear's styles.
  bool is_shipped() const;

  /// Engine defaults: first variant (absent where a component's probability is below 50), slider defaults, first
  /// colours that keep the palettes' notEqualTo and contrastTo rules.
  Avatar default_avatar() const;
  /// The avatar with missing entries filled in from the defaults and colours in lower case; or engine_invalid naming
  /// the first component, variant, slider or colour that the engine lacks or whose value is out of range.
  Result<Avatar> check(Avatar avatar) const;
  /// The avatar as an SVG document. The avatar must have passed `check`. Its ids and classes
  /// contain a hash of the document, so that any number of documents may stand in one web page.
  std::string svg(const Avatar& avatar) const;
  /// Anchors (mesh index -> canvas point) of the drawn avatar, moved by the drives; absent components' are missing.
  std::map<int, cv::Point2d> anchors(const Avatar& avatar) const;

 private:
  struct Parts {
    std::string name, sha256;
    double width = 0, height = 0;
    std::map<std::string, Component> components;
    std::map<std::string, Slider> sliders;
    std::map<std::string, Palette> palettes;
    nlohmann::json definition;
    std::shared_ptr<const Art> art;
  };
  std::shared_ptr<const Parts> parts_ = std::make_shared<const Parts>();

  static Result<Engine> parse_at(const std::string& text, const std::string& name, const std::string& where);
};

/// Attribute names of the vocabulary and, for each, its values in the vocabulary's order.
const std::map<std::string, std::vector<std::string>>& attribute_values();
/// The names of the face measures: fifteen ratios, and two tilts in degrees.
const std::vector<std::string>& measure_names();

/// attribute -> value, e.g. {"glasses": "none"}; absent = the engine cannot show it. skin_tone as "1".."10".
using Attributes = std::map<std::string, std::string>;

/// Which variant shows which attribute value.
class Semantics {
 public:
  /// Checks every name against the engine and every value against the vocabulary; engine_invalid names the JSON path,
  /// and both hashes where definition_sha256 is not the engine's.
  static Result<Semantics> parse(const std::string& text, const Engine& engine);
  static Result<Semantics> open(const std::filesystem::path& file, const Engine& engine);

  struct Role {
    std::string color;                                        ///< the engine's colour name
    std::map<std::string, std::vector<std::string>> anchors;  ///< attribute value -> hexes that stand for it

    /// The attribute value with the anchor nearest to a colour (L*a*b*, CIEDE2000); empty where there are no anchors.
    std::string nearest_value(const cv::Vec3d& lab) const;
  };

  const std::vector<std::string>& order() const { return order_; }
  /// Values a variant may show: component -> variant or "none" -> attribute -> allowed values.
  using Table = std::map<std::string, std::map<std::string, std::map<std::string, std::vector<std::string>>>>;
  const Table& components() const { return components_; }
  const std::map<std::string, Role>& colors() const { return colors_; }
  bool excluded(const std::string& component, const std::string& variant) const;
  /// Variants ("none" for absent) to take where several suit a photo equally, best first; often none.
  const std::vector<std::string>& preferred(const std::string& component) const;
  /// The engine's default avatar with preferred variants and colours where there are some: what an avatar shows of
  /// things that nothing is known about.
  Avatar start(const Engine& engine) const;
  const std::vector<std::string>& impossible() const { return impossible_; }

  /// What the avatar shows (later components in `order` win; where a variant allows several values the first is read;
  /// colours by the nearest anchor, CIEDE2000).
  Attributes read(const Avatar& avatar) const;

 private:
  std::vector<std::string> order_;
  Table components_;
  std::map<std::string, Role> colors_;
  std::map<std::string, std::vector<std::string>> exclude_, prefer_;
  std::map<std::string, std::string> prefer_colors_;
  std::vector<std::string> impossible_;

  static Result<Semantics> parse_at(const std::string& text, const Engine& engine, const std::string& where);
};

/// How long drawing one picture may take by the clock, where the caller does not say.
inline constexpr std::chrono::milliseconds kDrawTime{30'000};

/// How pictures are drawn in processes of their own.
struct DrawerOptions {
  size_t memory = size_t{4} << 30;  ///< address space in bytes, beyond what the process has when it is ready
  std::filesystem::path program;    ///< empty: this installation's swiftavatar-draw
};

/// Rasterises SVG documents with librsvg, in processes of swiftavatar-draw, one for each thread that draws at the same
/// time: a document that crashes or stalls librsvg costs that picture. They live as long as this object.
class SvgDrawer {
 public:
  explicit SvgDrawer(DrawerOptions options = {});
  ~SvgDrawer();

  /// CV_8UC4 RGBA (straight alpha), `size` pixels (1..8192) on the longer side; from several threads. Nothing outside
  /// the document is loaded; text is in one of the system's default fonts. Error: render_failed, also where it takes
  /// more than `time` or the memory. Throws Failure internal where no process can be started.
  Result<cv::Mat> draw(const std::string& svg, int size, std::chrono::milliseconds time = kDrawTime) const;

  /// The box of an element's shapes without their strokes, in pixels of a document of that size: what getBBox() says.
  /// `id` may not be that of the document itself. Errors as `draw`.
  Result<cv::Rect2d> measure(const std::string& svg, const std::string& id, cv::Size size) const;

  /// As PhotoDecoder::sandbox.
  std::string sandbox() const;

 private:
  std::optional<Error> ask(const nlohmann::json& head, const std::string& svg, std::chrono::milliseconds time,
                           const std::function<std::span<uint8_t>(const nlohmann::json&)>& take) const;
  const class Workers& workers(bool with_text) const;

  const DrawerOptions options_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<Workers> plain_, with_text_;
};

/// One that lives as long as the program.
const SvgDrawer& shared_drawer();

/// shared_drawer().draw
Result<cv::Mat> render_svg(const std::string& svg, int size, std::chrono::milliseconds time = kDrawTime);

/// An avatar's picture, as SvgDrawer::draw; the avatar must have passed Engine::check. Definitions that the program was
/// built with are drawn in this process, without limits on time and memory: it is faster for the smallest.
Result<cv::Mat> draw_avatar(const Engine& engine, const Avatar& avatar, int size,
                            std::chrono::milliseconds time = kDrawTime);

}  // namespace swiftavatar
