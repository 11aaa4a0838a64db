#pragma once
#include <stddef.h>
#include <stdint.h>

// A fuzz target is one function, called with any bytes at all; it aborts when something is wrong.
// With -Dfuzz=true libFuzzer calls it, else replay.c does with what is kept in corpus/.

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
