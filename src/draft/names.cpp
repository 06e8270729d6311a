#include "draft/names.h"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/text.h"

namespace swiftavatar {
namespace {

struct Hint {
  const char* word;
  const char* value;
};

/// Words in the names of components, and what such a component shows. The first that fits counts.
const std::vector<Hint>& component_hints() {
  static const std::vector<Hint> hints = {{"facialhair", "facial_hair"},
                                          {"beard", "facial_hair"},
                                          {"mustache", "facial_hair"},
                                          {"moustache", "facial_hair"},
                                          {"hairaccessor", ""},
                                          {"earring", "earrings"},
                                          {"glasses", "glasses"},
                                          {"eyewear", "glasses"},
                                          {"headwear", "headwear"},
                                          {"hat", "headwear"},
                                          {"mouth", "mouth"},
                                          {"lips", "mouth"},
                                          {"brow", ""},
                                          {"eye", ""},
                                          {"hair", "hair"},
                                          {"top", "hair"},
                                          {"accessor", "accessory"}};
  return hints;
}

/// Words in the names of variants, by attribute. The first that fits counts, so "balding" stands before "bald".
const std::map<std::string, std::vector<Hint>>& variant_hints() {
  static const std::map<std::string, std::vector<Hint>> hints = {
      {"headwear",
       {{"turban", "turban"},
        {"hijab", "headscarf"},
        {"scarf", "headscarf"},
        {"beanie", "hat"},
        {"hat", "hat"},
        {"cap", "hat"},
        {"helmet", "hat"},
        {"band", "other"}}},
      {"hair_length",
       {{"balding", "very_short"},
        {"bald", "bald"},
        {"buzz", "very_short"},
        {"caesar", "very_short"},
        {"sides", "very_short"},
        {"bun", "tied"},
        {"tail", "tied"},
        {"braid", "tied"},
        {"bob", "medium"},
        {"shoulder", "medium"},
        {"neck", "medium"},
        {"medium", "medium"},
        {"short", "short"},
        {"spiky", "short"},
        {"undercut", "short"},
        {"fade", "short"},
        {"long", "long"}}},
      {"hair_texture",
       {{"curl", "curly"},
        {"afro", "curly"},
        {"fro", "curly"},
        {"dread", "curly"},
        {"coil", "curly"},
        {"wav", "wavy"},
        {"straight", "straight"}}},
      {"fringe", {{"fringe", "yes"}, {"bang", "yes"}}},
      {"glasses",
       {{"sunglasses", "sunglasses"},
        {"shades", "sunglasses"},
        {"dark", "sunglasses"},
        {"glasses", "eyeglasses"},
        {"prescription", "eyeglasses"}}},
      {"facial_hair",
       {{"stubble", "stubble"},
        {"scruff", "stubble"},
        {"shadow", "stubble"},
        {"goatee", "goatee"},
        {"soulpatch", "goatee"},
        {"chin", "goatee"},
        {"beard", "beard"},
        {"mustache", "moustache"},
        {"moustache", "moustache"}}},
      {"mouth", {{"bigsmile", "teeth"}, {"grin", "teeth"}, {"laugh", "teeth"}, {"teeth", "teeth"}}}};
  return hints;
}

/// Words in the names of variants that do not suit an ordinary portrait.
const std::vector<std::string>& joke_words() {
  static const std::vector<std::string> words = {
      "angry",  "sad",     "cry",   "heart",   "wink",      "dizzy",   "vomit",    "tongue", "eyepatch",
      "scream", "grimace", "frown", "surpris", "sleep",     "closed",  "pacifier", "star",   "animal",
      "bunny",  "visor",   "bear",  "skull",   "concerned", "nervous", "roll",     "mohawk"};
  return words;
}

std::string hinted(const std::vector<Hint>& hints, const std::string& name) {
  const std::string text = lower(name);
  for (const Hint& hint : hints) {
    if (text.find(hint.word) != std::string::npos) return hint.value;
  }
  return {};
}

bool starts_with_any(const std::string& name, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return lower(name).starts_with(word); });
}

}  // namespace

std::string kind_from_name(const std::string& component) { return hinted(component_hints(), component); }

std::string kind_from_variants(const Component& component) {
  for (const std::string& variant : component.variants) {
    if (!value_from_name("glasses", variant).empty() && lower(variant).find("glasses") != std::string::npos)
      return "glasses";
    if (const auto value = value_from_name("facial_hair", variant); value == "moustache" || value == "goatee")
      return "facial_hair";
  }
  return {};
}

std::string value_from_name(const std::string& attribute, const std::string& variant) {
  const auto hints = variant_hints().find(attribute);
  return hints == variant_hints().end() ? std::string() : hinted(hints->second, variant);
}

bool is_joke(const std::string& variant) {
  const std::string text = lower(variant);
  if (text.find("beard") != std::string::npos) return false;  // it has "bear" in it
  return std::any_of(joke_words().begin(), joke_words().end(),
                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

bool is_front(const std::string& component) { return starts_with_any(component, {"front", "fringe", "bang"}); }

bool is_rear(const std::string& component) { return starts_with_any(component, {"rear", "back"}); }

std::map<std::string, std::string> color_roles(const Engine& engine) {
  static const std::vector<std::pair<const char*, std::vector<const char*>>> names = {
      {"skin", {"skin", "base", "face"}},
      {"hair", {"hair"}},
      {"facial_hair", {"facialHair", "beard"}},
      {"brows", {"eyebrows", "brows"}},
      {"eyes", {"eyes"}},
      {"lips", {"lips"}},
      {"glasses", {"glasses"}},
      {"clothes", {"clothes", "clothing", "shirt", "outfit"}},
      {"headwear", {"hat", "headwear"}},
      {"background", {"background"}}};
  std::map<std::string, std::string> roles;
  for (const auto& [role, colors] : names) {
    for (const char* color : colors) {
      if (!roles.contains(role) && engine.palettes().contains(color)) roles[role] = color;
    }
  }
  return roles;
}

}  // namespace swiftavatar
