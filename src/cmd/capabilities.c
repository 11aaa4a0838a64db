#include "cmd/capabilities.h"

#include <stddef.h>

#include "account/account.h"
#include "postal/postal.h"
#include "procedure/procedure.h"
#include "web/web.h"

const struct capability *const capabilities[] = {
    &account_capability,
    &postal_capability,
    &procedure_capability,
    &web_capability,
    NULL,
};
