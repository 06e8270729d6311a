#pragma once
// Names inside a drawing: ids and classes, and what refers to them. A web page that holds several drawings has one set
// of names for all of them, so each drawing must have its own.

#include <functional>
#include <string>

namespace swiftavatar {

/// The new name for an old one.
using Rename = std::function<std::string(const std::string& name)>;

/// The value of an attribute after renaming the ids that it refers to: href="#id" and url(#id).
std::string rename_references(const std::string& attribute, const std::string& value, const Rename& rename);

/// The value of a `class` attribute after renaming each class.
std::string rename_classes(const std::string& value, const Rename& rename);

/// A style sheet after renaming #id and .class in its selectors, those inside at-rules included.
std::string rename_selectors(const std::string& css, const Rename& rename_id, const Rename& rename_class);

}  // namespace swiftavatar
