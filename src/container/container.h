#pragma once
#include "http/capability.h"

// Receptacles, despatches and trips. A bag's own scans go through custody (its id is scanned like a
// shipment's number); here are the commands about it: making one, closing it with a seal, and its
// manifest against what was found. The rules are SQL (schema container).

extern const struct capability container_capability;
