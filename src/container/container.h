#pragma once
#include "http/capability.h"

// Receptacles, despatches and trips. A bag's own scans go through custody (its id is scanned like a
// shipment's number); here are the commands: making a bag, closing it with a seal, weighing it, a
// new seal, and its manifest against what was found; closing a despatch and sending it off; making
// and ending a trip; and the sorting plan, which says into which bag something goes. The rules are
// SQL (schema container).

extern const struct capability container_capability;
