// The one vocabulary of every engine: attribute values and measures (docs/engine-definition.md).

#include "swiftavatar/avatar.h"

namespace swiftavatar {

const std::map<std::string, std::vector<std::string>>& attribute_values() {
  static const std::map<std::string, std::vector<std::string>> values = {
      {"glasses", {"none", "eyeglasses", "sunglasses"}},
      {"facial_hair", {"none", "stubble", "moustache", "goatee", "beard"}},
      {"hair_length", {"bald", "very_short", "short", "medium", "long", "tied", "hidden"}},
      {"hair_texture", {"straight", "wavy", "curly", "na"}},
      {"fringe", {"yes", "no"}},
      {"hair_color", {"black", "dark_brown", "brown", "blond", "red", "gray_white", "other", "na"}},
      {"skin_tone", {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}},
      {"headwear", {"none", "hat", "headscarf", "turban", "other"}},
      {"mouth", {"closed", "teeth"}},
      {"earrings", {"yes", "no"}},
      {"lines", {"none", "some", "deep"}},
  };
  return values;
}

const std::vector<std::string>& measure_names() {
  static const std::vector<std::string> names = {
      "face_width",   "jaw_width",      "forehead_height", "nose_length", "brow_height", "eye_spacing",
      "eye_size",     "nose_width",     "mouth_width",     "chin_length", "eye_height",  "mouth_height",
      "lip_fullness", "brow_thickness", "ear_size",        "eye_tilt",    "brow_tilt"};
  return names;
}

}  // namespace swiftavatar
