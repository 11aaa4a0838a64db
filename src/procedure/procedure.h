#pragma once
#include "http/capability.h"

// The catalogue of administrative procedures: what each needs, costs and takes, whether the post
// may handle it. Versions, search and the choice of the version in effect are SQL (schema
// procedure); `dossierpost import procedures` loads it.

extern const struct capability procedure_capability;
