// SPDX-License-Identifier: Apache-2.0
#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void __attribute__((format(printf, 3, 0)))
set(struct error *err, enum error_kind kind, const char *format, va_list args)
{
    err->kind = kind;
    (void)vsnprintf(err->message, sizeof err->message, format, args);
}

bool fail(struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(err, ERROR_OTHER, format, args);
    va_end(args);
    return false;
}

bool fail_kind(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(err, kind, format, args);
    va_end(args);
    return false;
}

bool fail_context(struct error *err, const char *format, ...)
{
    char inner[sizeof err->message];
    memcpy(inner, err->message, sizeof inner);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    size_t used = strlen(err->message);
    (void)snprintf(err->message + used, sizeof err->message - used, ": %s", inner);
    return false;
}
