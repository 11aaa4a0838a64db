#pragma once
#include "http/capability.h"
#include "postal/s10.h"
#include "postal/s9.h"

// The postal network for others: S10 numbers (s10.h), S9 receptacles (s9.h), and what is asked over
// HTTP about units, communes, the calendar and prices, and leases of numbers to counters off line
// and rolls of labels
// (/v1/leases), and changes of the calendar (calendar_http.h). Working days, due times, number
// blocks and the tariff are SQL (schema postal).

extern const struct capability postal_capability;
