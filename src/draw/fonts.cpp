#include "draw/fonts.h"

#include <set>
#include <string>

#include <fontconfig/fontconfig.h>

#include "draw/rasterise.h"

namespace swiftavatar {

namespace {

constexpr const char* kFamilies[] = {"sans-serif", "serif", "monospace"};
constexpr int kWeights[] = {FC_WEIGHT_REGULAR, FC_WEIGHT_BOLD};

/// The files of the fonts that stay. Six at most: cairo closes files from the eleventh on, and would open them again.
std::set<std::string> chosen_files() {
  std::set<std::string> files;
  for (const char* family : kFamilies) {
    for (const int weight : kWeights) {
      FcPattern* const wanted = FcPatternBuild(nullptr, FC_FAMILY, FcTypeString, family, FC_WEIGHT, FcTypeInteger,
                                               weight, FC_SCALABLE, FcTypeBool, FcTrue, nullptr);
      FcConfigSubstitute(nullptr, wanted, FcMatchPattern);
      FcDefaultSubstitute(wanted);
      FcResult result{};
      FcPattern* const found = FcFontMatch(nullptr, wanted, &result);
      FcChar8* file = nullptr;
      if (found && FcPatternGetString(found, FC_FILE, 0, &file) == FcResultMatch) {
        files.insert(reinterpret_cast<const char*>(file));
      }
      if (found) FcPatternDestroy(found);
      FcPatternDestroy(wanted);
    }
  }
  return files;
}

/// The system's configuration, with these fonts alone.
void use_only(const std::set<std::string>& files) {
  constexpr const char* kNone =
      "<fontconfig><selectfont><rejectfont><glob>*</glob></rejectfont></selectfont></fontconfig>";
  FcConfig* const config = FcConfigCreate();
  if (FcConfigParseAndLoad(config, nullptr, FcTrue) &&
      FcConfigParseAndLoadFromMemory(config, reinterpret_cast<const FcChar8*>(kNone), FcTrue) &&
      FcConfigSetCurrent(config)) {
    FcConfigSetRescanInterval(config, 0);
    for (const std::string& file : files) {
      FcConfigAppFontAddFile(config, reinterpret_cast<const FcChar8*>(file.c_str()));
    }
  }
  FcConfigDestroy(config);
}

}  // namespace

void load_fonts() {
  use_only(chosen_files());
  // Pango and cairo open a font when they first draw a letter of it, and keep it.
  std::string svg = "<svg xmlns='http://www.w3.org/2000/svg' width='64' height='64'>";
  for (const char* family : kFamilies) {
    for (const char* weight : {"normal", "bold"}) {
      svg += "<text y='32' font-family='" + std::string(family) + "' font-weight='" + weight + "'>Aa</text>";
    }
  }
  const auto drawn = rasterise(svg + "</svg>", 64);
  if (!drawn.ok()) throw Failure(drawn.error());
}

}  // namespace swiftavatar
