#pragma once

// Included first into every C file by meson.build. The functions below overrun their target, hide
// errors, or run a shell: naming one is an error, because the C library's own declaration inherits
// the mark. (Poisoning the names instead would trip over the headers of libraries.)

#include <stdarg.h>
#include <stddef.h>

#pragma GCC diagnostic error "-Wdeprecated-declarations"
#define BANNED(instead) __attribute__((deprecated("banned here: use " instead)))

struct _IO_FILE;

char *strcpy(char *, const char *) BANNED("arena_strdup or snprintf");
char *stpcpy(char *, const char *) BANNED("arena_strdup or snprintf");
char *strcat(char *, const char *) BANNED("buf_text or arena_printf");
char *strncat(char *, const char *, size_t) BANNED("buf_add or arena_printf");
int sprintf(char *, const char *, ...) BANNED("snprintf, buf_printf or arena_printf");
int vsprintf(char *, const char *, va_list) BANNED("vsnprintf");
char *gets(char *) BANNED("fgets");
char *strtok(char *, const char *) BANNED("strcspn and strspn");
int atoi(const char *) BANNED("strtol");
long atol(const char *) BANNED("strtol");
long long atoll(const char *) BANNED("strtoll");
int system(const char *) BANNED("fork and exec");
struct _IO_FILE *popen(const char *, const char *) BANNED("pipe, fork and exec");

#include <alloca.h>
#undef alloca
void *alloca(size_t) BANNED("arena_alloc");
