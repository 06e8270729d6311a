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

std::string escaped(const std::string& text) {
  std::string xml;
  for (const char c : text) {
    if (c == '&')
      xml += "&amp;";
    else if (c == '<')
      xml += "&lt;";
    else if (c == '*' || c == '?' || c == '[' || c == '\\')
      xml += '?';  // of a glob: any letter
    else
      xml += c;
  }
  return xml;
}

/// The system's configuration, with these fonts alone.
void use_only(const std::set<std::string>& files) {
  std::string rules = "<fontconfig><selectfont><rejectfont><glob>*</glob></rejectfont><acceptfont>";
  for (const std::string& file : files) rules += "<glob>" + escaped(file) + "</glob>";
  rules += "</acceptfont></selectfont></fontconfig>";
  FcConfig* const config = FcConfigCreate();
  const auto* text = reinterpret_cast<const FcChar8*>(rules.c_str());
  if (FcConfigParseAndLoad(config, nullptr, FcTrue) && FcConfigParseAndLoadFromMemory(config, text, FcTrue)) {
    FcConfigSetRescanInterval(config, 0);
    FcConfigSetCurrent(config);  // and builds it
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
