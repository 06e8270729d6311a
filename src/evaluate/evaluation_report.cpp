// An Evaluation as text for people, as Markdown and as JSON.

#include <algorithm>
#include <cstdio>

#include "evaluate/evaluation.h"

namespace swiftavatar {
namespace {

using Table = std::vector<std::vector<std::string>>;

std::string number(const std::optional<double>& value) {
  if (!value) return "-";
  char text[16];
  std::snprintf(text, sizeof text, "%.3f", *value);
  return text;
}

/// Cells one under the other, two spaces apart.
std::string aligned(const Table& table) {
  std::vector<size_t> width(table.front().size());
  for (const auto& row : table) {
    for (size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  }
  std::string text;
  for (const auto& row : table) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(width[i] + 2 - row[i].size(), ' ');
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

/// A cell's text without characters that would end the cell or begin HTML: names come from an untrusted table.
std::string cell(std::string text) {
  for (const auto& [from, to] : {std::pair{"&", "&amp;"}, {"<", "&lt;"}, {"|", "\\|"}, {"\n", " "}, {"\r", " "}}) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += std::string_view(to).size()) {
      text.replace(at, std::string_view(from).size(), to);
    }
  }
  return text;
}

std::string markdown(const Table& table) {
  std::string text;
  for (size_t row = 0; row < table.size(); ++row) {
    text += '|';
    for (const std::string& entry : table[row]) text += ' ' + cell(entry) + " |";
    text += '\n';
    if (row > 0) continue;
    text += '|';
    for (size_t i = 0; i < table[row].size(); ++i) text += "---|";
    text += '\n';
  }
  return text;
}

Table summary(const Evaluation& evaluation) {
  Table table{{"attribute", "agreement", "measured as", "n"}};
  for (const Metric& metric : evaluation.metrics) {
    table.push_back({metric.name, number(metric.value), metric.kind, std::to_string(metric.n)});
  }
  return table;
}

/// One column for each group; "value (n)" where not every photo of the group counts.
Table by_group(const Evaluation& evaluation) {
  Table table{{"by " + evaluation.by}, {"photos"}};
  for (const Metric& metric : evaluation.metrics) table.push_back({metric.name});
  for (const Evaluation::Group& group : evaluation.groups) {
    table[0].push_back(group.name);
    table[1].push_back(std::to_string(group.photos));
    for (size_t i = 0; i < group.metrics.size(); ++i) {
      const Metric& metric = group.metrics[i];
      const bool all = metric.n == group.photos || metric.n == 0;
      table[i + 2].push_back(number(metric.value) + (all ? "" : " (" + std::to_string(metric.n) + ")"));
    }
  }
  return table;
}

/// Labels as rows, what avatars show as columns; columns without avatars are left out unless they are also a label.
Table confusion(const Metric& metric) {
  std::vector<size_t> columns;
  for (size_t i = 0; i < metric.columns.size(); ++i) {
    const bool used = std::any_of(metric.classes.begin(), metric.classes.end(), [&](const Metric::Class& entry) {
      return entry.shown[i] > 0 || (entry.n > 0 && entry.name == metric.columns[i]);
    });
    if (used) columns.push_back(i);
  }
  Table table{{metric.name}};
  for (const size_t column : columns) table[0].push_back(metric.columns[column]);
  for (const Metric::Class& entry : metric.classes) {
    if (entry.n == 0) continue;
    table.push_back({entry.name});
    for (const size_t column : columns) table.back().push_back(std::to_string(entry.shown[column]));
  }
  return table;
}

constexpr const char* kConfusion = "Labels down, what the avatars show across:";

nlohmann::ordered_json value_of(const Metric& metric) {
  return metric.value ? nlohmann::ordered_json(*metric.value) : nlohmann::ordered_json();
}

}  // namespace

std::string to_text(const Evaluation& evaluation) {
  std::string text = std::to_string(evaluation.avatars) + " of " + std::to_string(evaluation.photos) +
                     " photos have an avatar.\n\n" + aligned(summary(evaluation));
  if (!evaluation.groups.empty()) text += '\n' + aligned(by_group(evaluation));
  text += std::string("\n") + kConfusion + '\n';
  for (const Metric& metric : evaluation.metrics) {
    if (metric.n > 0) text += '\n' + aligned(confusion(metric));
  }
  return text;
}

std::string to_markdown(const Evaluation& evaluation) {
  std::string text = markdown(summary(evaluation)) + "\nAvatars: " + std::to_string(evaluation.avatars) + " of " +
                     std::to_string(evaluation.photos) + " photos.\n";
  if (!evaluation.groups.empty()) text += '\n' + markdown(by_group(evaluation));
  text += std::string("\n") + kConfusion + '\n';
  for (const Metric& metric : evaluation.metrics) {
    if (metric.n > 0) text += '\n' + markdown(confusion(metric));
  }
  return text;
}

nlohmann::ordered_json to_json(const Evaluation& evaluation) {
  nlohmann::ordered_json json{{"schema", "swiftavatar.evaluation/1"},
                              {"photos", evaluation.photos},
                              {"avatars", evaluation.avatars},
                              {"metrics", nlohmann::ordered_json::array()}};
  for (const Metric& metric : evaluation.metrics) {
    nlohmann::ordered_json entry{
        {"name", metric.name}, {"kind", metric.kind}, {"n", metric.n}, {"value", value_of(metric)}};
    for (const Metric::Class& group : metric.classes) {
      nlohmann::ordered_json shown = nlohmann::ordered_json::object();
      for (size_t i = 0; i < group.shown.size(); ++i) {
        if (group.shown[i] > 0) shown[metric.columns[i]] = group.shown[i];
      }
      entry["classes"].push_back({{"label", group.name}, {"n", group.n}, {"right", group.right}, {"shown", shown}});
    }
    json["metrics"].push_back(std::move(entry));
  }
  json["by"] = evaluation.by;
  json["groups"] = nlohmann::ordered_json::array();
  for (const Evaluation::Group& group : evaluation.groups) {
    nlohmann::ordered_json metrics = nlohmann::ordered_json::object();
    for (const Metric& metric : group.metrics) metrics[metric.name] = {{"n", metric.n}, {"value", value_of(metric)}};
    json["groups"].push_back({{"name", group.name}, {"photos", group.photos}, {"metrics", metrics}});
  }
  return json;
}

}  // namespace swiftavatar
