#pragma once
// Alter's own file, the AvatarMatrix of its SDK: a list of items with string properties. A catalogue file says which
// item stands for which variant and which colour (docs/engines.md has its format).

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "swiftavatar/native.h"

namespace swiftavatar {

class AvatarMatrix : public NativeFormat {
 public:
  /// A catalogue for this engine. Error: engine_invalid, naming the JSON path.
  static Result<AvatarMatrix> parse(const std::string& catalogue, const Engine& engine);
  static Result<AvatarMatrix> open(const std::filesystem::path& catalogue, const Engine& engine);

  /// {name, items, blendshapes, boneBlenderPresetWeights, boneBlenderWeights}; all property values are strings.
  nlohmann::ordered_json write(const Avatar& avatar) const override;
  /// Where several variants share an item, the first in the catalogue is read.
  Result<Avatar> read(const nlohmann::json& native) const override;

  const std::string& sha256() const { return sha256_; }  ///< of the catalogue's text

 private:
  using Properties = std::map<std::string, std::string>;

  struct Item {
    std::string name;  ///< empty: nothing stands for this variant
    Properties properties;
  };
  /// A property that carries one of the engine's colours.
  struct ColorProperty {
    std::string property, color;
    double lighter = 0;  ///< 0 to 1: how far the written colour lies towards white; such a property is not read
  };
  struct Slot {
    std::string component;
    std::vector<ColorProperty> colors;
    std::vector<std::pair<std::string, Item>> items;  ///< variant -> item, in file order
  };
  /// A colour that is an item of its own (skin): the nearest entry is written.
  struct Tones {
    std::string color;
    std::vector<std::pair<std::string, Item>> entries;  ///< hex -> item
  };

  Result<Avatar> read_items(const nlohmann::json& items) const;
  static Result<AvatarMatrix> parse_at(const std::string& text, const Engine& engine, const std::string& where);

  std::string sha256_;
  std::vector<Item> always_;
  std::vector<Slot> slots_;
  std::vector<Tones> tones_;

  friend class CatalogueReader;
};

}  // namespace swiftavatar
