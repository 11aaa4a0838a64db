#pragma once
#include "http/capability.h"

// Papers that are forms (label/form.h): those of a dossier, and the report of an irregularity, the
// lists of bags and despatches, and the register. Which there are, who may have them, in which
// version and under which number stands in the schema paper; what they say comes from a function of
// it, and what is personal is put in here.
//
// GET draws the current copy and records nothing but that personal data was read. POST …/prints
// allocates and records the next copy: who, when, in which version; a reprint needs a reason and
// says on its face that it is one. The number of a form is given with its first print.

extern const struct capability paper_capability;
