#pragma once
#include "http/route.h"

// The routes of this capability, a table a file.
extern const struct route printer_routes[];   // printer_http.c
extern const struct route print_job_routes[]; // print_job_http.c
