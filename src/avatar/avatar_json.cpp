#include "swiftavatar/avatar.h"

namespace swiftavatar {
namespace {

Error type_error(const std::string& group, const std::string& name, const std::string& wanted) {
  return {ErrorCode::usage,
          "the avatar's " + group + (name.empty() ? "" : " entry \"" + name + "\"") + " must be " + wanted};
}

}  // namespace

nlohmann::json to_json(const Avatar& avatar) {
  nlohmann::json discrete = nlohmann::json::object();
  for (const auto& [component, variant] : avatar.discrete) {
    discrete[component] = variant ? nlohmann::json(*variant) : nlohmann::json();
  }
  return {{"discrete", discrete}, {"continuous", avatar.continuous}, {"colors", avatar.colors}};
}

Result<Avatar> avatar_from_json(const nlohmann::json& json) {
  if (!json.is_object()) {
    return Error{ErrorCode::usage, "an avatar must be an object with the groups discrete, continuous and colors"};
  }
  Avatar avatar;
  for (const auto& [group, entries] : json.items()) {
    if (group != "discrete" && group != "continuous" && group != "colors") {
      return Error{ErrorCode::usage,
                   "the avatar has an unknown group \"" + group + "\"; its groups are discrete, continuous and colors"};
    }
    if (!entries.is_object()) return type_error(group, "", "an object");
    for (const auto& [name, value] : entries.items()) {
      if (group == "discrete") {
        if (!value.is_string() && !value.is_null()) return type_error(group, name, "a variant's name or null");
        avatar.discrete[name] = value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
      } else if (group == "continuous") {
        if (!value.is_number()) return type_error(group, name, "a number");
        avatar.continuous[name] = value.get<double>();
      } else {
        if (!value.is_string()) return type_error(group, name, "a colour such as \"#a07e56\"");
        avatar.colors[name] = value.get<std::string>();
      }
    }
  }
  return avatar;
}

}  // namespace swiftavatar
