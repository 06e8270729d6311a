// Answers of a study as its page saves them. They are untrusted input: they come from volunteers' browsers.

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "evaluate/preference.h"

namespace swiftavatar {

using nlohmann::json;

namespace {

constexpr size_t kLongestName = 100, kLongestPhoto = 4096, kMostAnswers = 10'000;

/// Whether there are no control characters, which could steer a terminal.
bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// Reads fields; throws Failure with the place of the first that is wrong.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  [[noreturn]] void fail(const std::string& place, const std::string& what) const {
    throw Failure(ErrorCode::unsupported_format,
                  file_ + ": " + place + " " + what + "; give a file as the page of swiftavatar study build saved it.");
  }
  const json& at(const json& object, const std::string& place, const char* key) const {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (!object.is_object() || found == object.end()) fail(place + "." + key, "is missing");
    return *found;
  }
  std::string text(const json& value, const std::string& place, size_t longest, bool empty = false) const {
    if (!value.is_string()) fail(place, "is no text");
    const auto& text = value.get_ref<const std::string&>();
    if ((text.empty() && !empty) || text.size() > longest || !is_plain(text)) {
      fail(place, "is empty, too long, or has control characters");
    }
    return text;
  }
  std::vector<std::string> methods(const json& value, const std::string& place) const {
    if (!value.is_array() || value.size() < kFewestMethods || value.size() > kMostMethods)
      fail(place, "is no list of 2 to 9 methods");
    std::vector<std::string> names;
    for (const json& name : value) names.push_back(text(name, place, kLongestName));
    if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) fail(place, "names a method twice");
    return names;
  }

 private:
  const std::string& file_;
};

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

StudyAnswers::Answer read_answer(const Reader& read, const json& entry, const std::string& place,
                                 const std::vector<std::string>& methods) {
  StudyAnswers::Answer answer;
  answer.photo = read.text(read.at(entry, place, "photo"), place + ".photo", kLongestPhoto);
  answer.order = read.methods(read.at(entry, place, "order"), place + ".order");
  answer.choice = read.text(read.at(entry, place, "choice"), place + ".choice", kLongestName);
  if (sorted(answer.order) != sorted(methods)) read.fail(place + ".order", "does not hold the study's methods");
  if (std::find(methods.begin(), methods.end(), answer.choice) == methods.end())
    read.fail(place + ".choice", "is none of the study's methods");
  const json& ms = read.at(entry, place, "ms");
  if (!ms.is_number() || !std::isfinite(ms.get<double>()) || ms.get<double>() < 0)
    read.fail(place + ".ms", "is no time in milliseconds");
  answer.ms = ms.get<double>();
  return answer;
}

StudyAnswers read_document(const Reader& read, const json& document) {
  StudyAnswers result;
  const json& study = read.at(document, "answers", "study");
  result.study = read.text(read.at(study, "study", "id"), "study.id", kLongestName);
  result.methods = read.methods(read.at(study, "study", "methods"), "study.methods");
  const json& volunteer = read.at(document, "answers", "volunteer");
  result.volunteer = read.text(read.at(volunteer, "volunteer", "id"), "volunteer.id", kLongestName);
  result.name = read.text(read.at(volunteer, "volunteer", "name"), "volunteer.name", 4 * kLongestName, true);
  const json& finished = read.at(document, "answers", "finished");
  if (!finished.is_boolean()) read.fail("finished", "is neither true nor false");
  result.finished = finished.get<bool>();
  const json& answers = read.at(document, "answers", "answers");
  if (!answers.is_array() || answers.size() > kMostAnswers) read.fail("answers", "is no list of at most 10000 answers");
  std::set<std::string> photos;
  for (size_t i = 0; i < answers.size(); ++i) {
    const std::string place = "answers[" + std::to_string(i) + "]";
    result.answers.push_back(read_answer(read, answers[i], place, result.methods));
    if (!photos.insert(result.answers.back().photo).second) read.fail(place + ".photo", "is answered twice");
  }
  return result;
}

}  // namespace

bool is_study_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && is_plain(text) && is_utf8(std::string(text));
}

Result<StudyAnswers> read_answers(const std::string& text, const std::string& name) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto schema = document.is_object() ? document.find("schema") : document.end();
  if (!document.is_object() || schema == document.end() || *schema != kStudySchema) {
    return Error{ErrorCode::unsupported_format, name + ": holds no answers (" + kStudySchema +
                                                    "); give a file that the page of swiftavatar study build saved."};
  }
  try {
    StudyAnswers answers = read_document(Reader(name), document);
    answers.file = name;
    return answers;
  } catch (const Failure& failure) {
    return failure.error();
  }
}

std::optional<Error> incompatible_with(const StudyAnswers& more, const std::vector<StudyAnswers>& others) {
  for (const StudyAnswers& other : others) {
    if (sorted(other.methods) != sorted(more.methods)) {
      return Error{ErrorCode::unsupported_format, more.file + ": compares other methods than " + other.file +
                                                      "; score the answers of each study by themselves."};
    }
    if (other.study == more.study && other.volunteer == more.volunteer) {
      return Error{ErrorCode::unsupported_format, more.file + ": is of the same volunteer as " + other.file +
                                                      "; give only the one that was saved last."};
    }
  }
  return std::nullopt;
}

}  // namespace swiftavatar
