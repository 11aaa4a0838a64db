#pragma once
#include "http/route.h"

extern const struct route attachment_routes[];
