#pragma once
#include "http/route.h"

// Leases of numbers: /v1/leases.
extern const struct route lease_routes[];
