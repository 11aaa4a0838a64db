#pragma once
#include "http/route.h"

// An administrator's changes of the calendar. What would move a promised date answers 409 with what
// it would move and a tag; the same with that tag as `confirm` is done, or answered 412 with the
// new preview when it moves other dates by now.
extern const struct route calendar_routes[];
