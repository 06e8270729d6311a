#pragma once
// Everything that a worker of the program must not be able to do, tried from inside.

#include <string>

/// Opens a file that stays open as descriptor 2 in a worker, so that what can be done with open files is tried too.
/// Before the sandbox.
void keep_a_file_open();

/// Tries each way out; in one line, JSON {what: 0 where it worked, else the error's number}. Those that begin with "("
/// are allowed. Files are tried in the folder $ESCAPE_FOLDER, which has a file `here`.
std::string try_to_escape();
