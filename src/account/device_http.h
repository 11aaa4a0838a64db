#pragma once
#include "http/route.h"

// /v1/devices: an account's phones and scanners.
extern const struct route device_routes[];
