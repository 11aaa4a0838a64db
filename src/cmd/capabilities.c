#include "cmd/capabilities.h"

#include <stddef.h>

const struct capability *const capabilities[] = {
    NULL,
};
