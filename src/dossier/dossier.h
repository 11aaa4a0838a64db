#pragma once
#include "http/capability.h"

// The dossier: intake, what may be done with it, and tracking for everybody.
//
// SQL (schema dossier) holds the rules and makes the documents; nothing personal ever reaches it in
// the clear. This part checks the shape of what comes in, seals the personal members (base/seal.h)
// and puts them back for staff whose reading the database has allowed and recorded. Tracking pages
// are drawn here, on the server; watchers of a number hear of a change through NOTIFY log.
extern const struct capability dossier_capability;
extern const struct capability tracking_capability;
