// What only the start needed, given back.

#pragma once

namespace wasat::app {

// Unmaps the process's code from its memory; what runs is mapped again, page by
// page, from the page cache. Setting up OpenSSL, SQLite and the settings runs
// several megabytes of code that is never needed again. Does nothing where
// /proc/self/maps cannot be read.
void release_startup_pages();

}  // namespace wasat::app
