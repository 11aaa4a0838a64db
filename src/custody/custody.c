#include "custody/custody.h"

#include "base/conf.h"
#include "custody/checkpoint_maker.h"
#include "custody/custody_http.h"
#include "custody/integrity_http.h"
#include "custody/scan_http.h"
#include "custody/searcher.h"
#include "custody/sequencer.h"

static bool setup(void)
{
    route_add(handover_routes);
    route_add(handover_pdf_routes);
    route_add(custody_routes);
    route_add(exception_routes);
    route_add(count_routes);
    route_add(delivery_routes);
    route_add(diagram_routes);
    route_add(checkpoint_routes);
    route_add(integrity_routes);
    return checkpoint_maker_setup(conf.state_dir) && scan_setup();
}

static bool open(struct app_loop *app)
{
    return scan_open(app) && sequencer_open(app) && searcher_open(app);
}

static void close(struct app_loop *app)
{
    searcher_close(app);
    sequencer_close(app);
    scan_close(app);
}

const struct capability custody_capability = {
    .name = "custody",
    .routes = scan_routes,
    .setup = setup,
    .open = open,
    .close = close,
};
