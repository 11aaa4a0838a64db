#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "printing/print_uri.h"

// The Internet Printing Protocol as far as labels need it, with libcups. Everything here blocks,
// for at most some seconds a call: only for threads that may wait. A call that fails says so in the
// words of label.trouble.

enum { IPP_WORD = 64, IPP_WORDS = 8 };

// What the printer says of itself.
struct ipp_printer {
    int state; // 3 idle, 4 processing, 5 stopped; 0: it does not say
    bool accepting;
    int count;
    char reasons[IPP_WORDS][IPP_WORD]; // without "none"
    char format[IPP_WORD];             // the document format that fits
    bool scaling, media, sides;        // what may be asked for a job
};

// What the printer says of a job.
struct ipp_job {
    int state;     // 3 pending … 9 completed
    bool incoming; // it waits for the rest of the document
};

enum ipp_end {
    TOLD_DONE,
    TOLD_UNREACHABLE, // no connection
    TOLD_SILENT,      // connected, no answer
    TOLD_LATER,       // it says so
    TOLD_NEVER,       // it refuses
    TOLD_GONE,        // it knows no such job
};

struct ipp_told {
    enum ipp_end end;
    char trouble[IPP_WORD];
};

// `type` is the media type wanted, NULL: any.
struct ipp_told ipp_look(const struct print_uri *uri, const char *type, struct ipp_printer *out);
// A job without its document; width and height of the paper in millimetres.
struct ipp_told ipp_create(const struct print_uri *uri, const struct ipp_printer *printer,
                           const char *name, double width, double height, int *job);
struct ipp_told ipp_send(const struct print_uri *uri, int job, const char *format,
                         const struct buf *document);
struct ipp_told ipp_ask(const struct print_uri *uri, int job, struct ipp_job *out);
struct ipp_told ipp_cancel(const struct print_uri *uri, int job);

// Whether anything listens there, nothing sent.
struct ipp_told ipp_reach(const struct print_uri *uri);

// The program ends: calls under way end within a second.
void ipp_stop(void);
