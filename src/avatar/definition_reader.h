#pragma once
// From a definition file's JSON to its drawable form.

#include <map>
#include <string>
#include <vector>

#include "avatar/art.h"
#include "avatar/json_view.h"
#include "swiftavatar/avatar.h"

namespace swiftavatar {

/// What `read_definition` found.
struct DefinitionParts {
  Art art;
  std::map<std::string, Component> components;
  std::map<std::string, Slider> sliders;
  std::map<std::string, Palette> palettes;
};

/// Throws Failure(engine_invalid) with "/path: what is wrong".
DefinitionParts read_definition(const nlohmann::ordered_json& document);

/// The element tree of a list of elements (used by read_definition; see docs/engine-definition.md).
class ElementReader {
 public:
  ElementReader(const std::map<std::string, Palette>& palettes, const nlohmann::ordered_json& components)
      : palettes_(palettes), components_(components) {}

  std::vector<ArtNode> elements(const JsonView& list);
  ArtAttributes attributes(const JsonView& object, bool is_style_element = false) const;

 private:
  ArtNode element(const JsonView& view);
  ArtNode component(const JsonView& view);
  ArtNode text(const JsonView& view, bool in_style) const;
  ArtValue value(const std::string& name, const JsonView& view) const;

  const std::map<std::string, Palette>& palettes_;
  const nlohmann::ordered_json& components_;
  size_t count_ = 0;
};

/// Sliders (`parameters`) and `anchors`; `art` holds everything else already.
std::map<std::string, Slider> read_sliders(const JsonView& root, const Art& art);
std::map<int, ArtAnchor> read_anchors(const JsonView& root, const Art& art);

/// [a-z][a-zA-Z0-9]*, at most 64 characters.
bool is_camel_case(const std::string& name);

}  // namespace swiftavatar
