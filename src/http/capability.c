#include "http/capability.h"

#include "base/log.h"

int capability_slot(void)
{
    static int taken;
    if (taken == (int)countof(((struct app_loop *)0)->cap))
        die("no slot left for a capability");
    return taken++;
}
