#include "avatar/js_strings.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>

namespace swiftavatar {
namespace {

struct Token {
  enum class Kind { end, name, string, mark };  // name: identifier, keyword or number; mark: one character
  Kind kind = Kind::end;
  std::string text;

  bool is(char mark) const { return kind == Kind::mark && text[0] == mark; }
  bool is_key() const { return kind == Kind::name || kind == Kind::string; }
};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80) != 0; }

void append_utf8(std::string& text, uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    text += static_cast<char>(0xf0 | (code >> 18 & 7));
    text += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  }
}

// Splits a script into names, strings and single characters; comments and regular expressions are passed over.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Token next() {
    Token token = read();
    // After a value a slash divides, elsewhere it starts a regular expression.
    static const std::vector<std::string> before_value = {"return", "typeof", "case", "in",
                                                          "of",     "delete", "void", "throw"};
    after_value_ = token.kind == Token::Kind::string || token.is(')') || token.is(']') || token.is('}') ||
                   (token.kind == Token::Kind::name &&
                    std::find(before_value.begin(), before_value.end(), token.text) == before_value.end());
    return token;
  }

  size_t position() const { return at_; }
  void go_to(size_t position) { at_ = position; }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  Token read() {
    for (;;) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
      if (peek() != '/') break;
      if (peek(1) == '/') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (peek(1) == '*') {
        const size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else if (after_value_ || !skip_pattern()) {
        break;
      }
    }
    if (at_ >= text_.size()) return {};
    const char c = text_[at_];
    if (c == '"' || c == '\'' || c == '`') return string(c);
    if (is_word(c)) {
      const size_t start = at_;
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
      return {Token::Kind::name, std::string(text_.substr(start, at_ - start))};
    }
    ++at_;
    return {Token::Kind::mark, std::string(1, c)};
  }

  // Passes over /…/ if it ends on its line.
  bool skip_pattern() {
    bool in_class = false;
    for (size_t i = at_ + 1; i < text_.size() && text_[i] != '\n'; ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == '[') {
        in_class = true;
      } else if (text_[i] == ']') {
        in_class = false;
      } else if (text_[i] == '/' && !in_class) {
        at_ = i + 1;
        return true;
      }
    }
    return false;
  }

  // A template with ${} is no plain string: it becomes a mark that no table has.
  Token string(char quote) {
    std::string value;
    bool plain = true;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        if (!plain) return {Token::Kind::mark, "$"};
        return {Token::Kind::string, std::move(value)};
      }
      if (c == '\\') {
        if (!escape(value)) break;
      } else if (quote != '`' && c == '\n') {
        break;
      } else {
        if (quote == '`' && c == '$' && peek(1) == '{') plain = false;
        value += c;
      }
    }
    at_ = text_.size();
    return {};
  }

  std::optional<uint32_t> hex(size_t from, size_t digits) const {
    if (digits == 0 || digits > 6 || from + digits > text_.size()) return std::nullopt;
    uint32_t code = 0;
    for (size_t i = from; i < from + digits; ++i) {
      if (!std::isxdigit(static_cast<unsigned char>(text_[i]))) return std::nullopt;
      code = code * 16 + static_cast<uint32_t>(std::isdigit(static_cast<unsigned char>(text_[i]))
                                                   ? text_[i] - '0'
                                                   : (text_[i] | 32) - 'a' + 10);
    }
    return code;
  }

  // At a backslash; leaves `at_` on the escape's last character.
  bool escape(std::string& value) {
    if (++at_ >= text_.size()) return false;
    switch (const char c = text_[at_]) {
      case 'n': value += '\n'; return true;
      case 't': value += '\t'; return true;
      case 'r': value += '\r'; return true;
      case '\n': return true;  // the string goes on in the next line
      case 'x': return code_point(value, at_ + 1, 2, 0);
      case 'u': {
        if (peek(1) != '{') return code_point(value, at_ + 1, 4, 0);
        const size_t end = text_.find('}', at_);
        return end != std::string_view::npos && code_point(value, at_ + 2, end - at_ - 2, 1);
      }
      default: value += c; return true;
    }
  }

  bool code_point(std::string& value, size_t from, size_t digits, size_t behind) {
    const auto code = hex(from, digits);
    if (!code || *code > 0x10ffff) return false;
    append_utf8(value, *code);
    at_ = from + digits + behind - 1;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  bool after_value_ = false;
};

bool is_svg(const std::string& text) {
  const size_t start = text.find_first_not_of(" \t\r\n");
  return start == std::string::npos || text[start] == '<';
}

// The object behind `group: {`; nothing where it is not one of SVG strings.
std::optional<std::map<std::string, std::string>> read_table(Scanner& scanner) {
  std::map<std::string, std::string> table;
  for (Token key = scanner.next(); !key.is('}'); key = scanner.next()) {
    if (!key.is_key() || !scanner.next().is(':')) return std::nullopt;
    Token value = scanner.next();
    if (value.kind != Token::Kind::string || !is_svg(value.text)) return std::nullopt;
    table[key.text] = std::move(value.text);
    const Token comma = scanner.next();
    if (comma.is('}')) break;
    if (!comma.is(',')) return std::nullopt;
  }
  return table;
}

size_t bytes(const std::map<std::string, std::string>& table) {
  size_t sum = 0;
  for (const auto& [key, text] : table) sum += text.size();
  return sum;
}

}  // namespace

StringTables find_svg_tables(std::string_view script, const std::vector<std::string>& groups) {
  StringTables tables;
  Scanner scanner(script);
  for (Token token = scanner.next(); token.kind != Token::Kind::end; token = scanner.next()) {
    if (!token.is_key() || std::find(groups.begin(), groups.end(), token.text) == groups.end()) continue;
    const size_t behind = scanner.position();
    if (scanner.next().is(':') && scanner.next().is('{')) {
      const size_t inside = scanner.position();
      auto table = read_table(scanner);
      if (table && bytes(*table) > bytes(tables[token.text])) tables[token.text] = std::move(*table);
      if (!table) scanner.go_to(inside);
    } else {
      scanner.go_to(behind);
    }
  }
  std::erase_if(tables, [](const auto& entry) { return entry.second.empty(); });
  return tables;
}

}  // namespace swiftavatar
