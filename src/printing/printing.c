#include "printing/printing.h"

#include "printing/printing_http.h"
#include "printing/spooler.h"

static bool setup(void)
{
    route_add(printer_routes);
    return spooler_setup();
}

const struct capability printing_capability = {
    .name = "printing",
    .routes = print_job_routes,
    .setup = setup,
    .open = spooler_open,
    .close = spooler_close,
};
