#pragma once
#include <stdbool.h>

#include "base/compiler.h"

// Whether the keys in <state_dir>/keys are those of the database: the first service to ask leaves a
// mark of each (custody.key_mark), later ones must have the same. Otherwise a retry at another
// service would be taken for another scan, and each would sign labels and checkpoints that the
// others do not trust. Blocking; after every ring of keys was loaded. False having said why.
must_check bool keys_fit(void);
