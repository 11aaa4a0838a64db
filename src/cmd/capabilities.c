#include "cmd/capabilities.h"

#include <stddef.h>

#include "account/account.h"
#include "postal/postal.h"
#include "procedure/procedure.h"

const struct capability *const capabilities[] = {
    &account_capability,
    &postal_capability,
    &procedure_capability,
    NULL,
};
