#pragma once
// Fonts for a process that will not be able to open any.

namespace swiftavatar {

/// Loads what fontconfig gives for sans-serif, serif and monospace, regular and bold, and leaves no other font to
/// choose: whatever family a document asks for, one of these is drawn. Call before the sandbox is entered.
void load_fonts();

}  // namespace swiftavatar
