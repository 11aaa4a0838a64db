#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"

// Puts the applicant, who is sealed outside SQL's sight, into the facts of a label: name, address
// and telephone of the sender or the recipient, whichever `citizen` names. The members that SQL
// added for this purpose are taken out. `personal` is the unsealed JSON text, NULL when it was
// erased. False when it is not what an intake seals.
must_check bool label_people_join(struct arena *arena, json_t *facts, const char *personal);
