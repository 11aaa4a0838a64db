#pragma once
#include "http/capability.h"

extern const struct route scan_routes[];
must_check bool scan_setup(void);
must_check bool scan_open(struct app_loop *app);
void scan_close(struct app_loop *app);
