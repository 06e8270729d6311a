#pragma once
// What a definition may contain: it is untrusted, and its picture may be opened in a browser.

#include <string>
#include <string_view>

namespace swiftavatar {

/// Static shapes, paint servers, masks, text and cheap filters: no scripts, links, images, nested documents, no filter
/// whose cost grows with its arguments.
bool allowed_element(std::string_view name);

/// Presentation and geometry attributes; no event handlers, no namespaces.
bool allowed_attribute(std::string_view name);

/// Attributes that may name a colour of the definition.
bool takes_color(std::string_view attribute);

/// Why the value may not stand in this attribute, or an empty string. External references, scripts in URLs, CSS escapes
/// and control characters are refused; `url(#id)` and `href="#id"` are the only references.
std::string refuse_value(std::string_view attribute, std::string_view value);

/// The same for the text of a <style> element and the `style` attribute: no url() and no @import at all.
std::string refuse_css(std::string_view css);

/// Ids start with a letter or underscore and have letters, digits and _ - . only; at most 128 characters.
bool valid_id(std::string_view id);

}  // namespace swiftavatar
