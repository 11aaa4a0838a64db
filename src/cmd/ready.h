#pragma once
#include "http/route.h"

// /readyz: whether this instance can serve (the database answers and has the program's schema).
extern const struct route ready_routes[];
