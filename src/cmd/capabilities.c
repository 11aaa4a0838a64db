#include "cmd/capabilities.h"

#include <stddef.h>

#include "account/account.h"
#include "attachment/attachment.h"
#include "container/container.h"
#include "custody/custody.h"
#include "dossier/dossier.h"
#include "label/label.h"
#include "online/online.h"
#include "paper/paper.h"
#include "postal/postal.h"
#include "printing/printing.h"
#include "procedure/procedure.h"
#include "report/report.h"
#include "tracking/tracking.h"
#include "web/web.h"

// clang-format off
const struct capability *const capabilities[] = {
    &account_capability,
    &attachment_capability,
    &container_capability,
    &custody_capability,
    &postal_capability,
    &procedure_capability,
    &dossier_capability,
    &tracking_capability,
    &unlock_capability,
    &result_capability,
    &report_capability,
    &online_capability,
    &pickup_capability,
    &paper_capability,
    &printing_capability, // ends before what it draws with
    &label_capability,
    &web_capability,
    NULL,
};
// clang-format on
