#pragma once

// Attributes used everywhere, and the names of unsafe functions made unusable.

#define must_check                      __attribute__((warn_unused_result))
#define printf_like(fmt, args)          __attribute__((format(printf, fmt, args)))
#define noreturn_fn                     __attribute__((noreturn))
#define countof(a)                      (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
