#pragma once
// Reads from the names of an engine's components, variants and colours what they show.

#include <map>
#include <string>

#include "swiftavatar/avatar.h"

namespace swiftavatar {

/// What a component by this name shows: an attribute, "hair" (several), "accessory" (glasses or earrings), or empty.
std::string kind_from_name(const std::string& component);

/// The same for a component by its variants' names ("glasses" among eyes), where its own name says nothing.
std::string kind_from_variants(const Component& component);

/// The attribute's value that a variant's name mentions, or empty.
std::string value_from_name(const std::string& attribute, const std::string& variant);

/// Whether a variant does not suit an ordinary portrait.
bool is_joke(const std::string& variant);

/// Components of hair that are only its part before the forehead, or behind the head.
bool is_front(const std::string& component);
bool is_rear(const std::string& component);

/// Which engine colour plays which role.
std::map<std::string, std::string> color_roles(const Engine& engine);

}  // namespace swiftavatar
