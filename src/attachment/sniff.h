#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "attachment/picture.h"
#include "base/compiler.h"

// What libmagic takes a file for: a second opinion beside picture.h, which it must share. Its
// database is that of the system; nothing is unpacked. From any thread, one at a time.

must_check bool sniff_setup(void);
enum media sniff(const void *data, size_t len);
void sniff_finish(void);
