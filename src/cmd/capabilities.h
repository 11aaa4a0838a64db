#pragma once
#include "http/capability.h"

// Every capability of the service, ended by NULL: cmd/capabilities.c is the one place that lists
// them.
extern const struct capability *const capabilities[];
