#pragma once
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/loop.h"
#include "label/label.h"
#include "printing/print_uri.h"

// A job while this instance prints it: one label at a time goes to the printer over a line. It
// lives on the first loop (printing/spooler.c); a line's work may run elsewhere, but always ends
// there.

// How it went, in the words of label.job_told.
enum errand_end {
    ERRAND_READY,     // the line is open, and the printer knows it by `remote` (0: by none)
    ERRAND_PRINTED,   // it is out, or wholly with a printer that cannot be asked
    ERRAND_HELD,      // the printer has it; ask it later
    ERRAND_AGAIN,     // nothing is out
    ERRAND_FAILED,    // and would again
    ERRAND_UNCERTAIN, // nobody knows
    ERRAND_CANCELLED,
};

enum { ERRAND_TROUBLE = 64, ERRAND_NAME = 101 };

struct line;

struct errand {
    struct errand *next;
    uint8_t id[UUID_BYTES];
    char subject[64]; // "job=…"
    // the printer, and what is printed
    struct print_uri uri;
    const struct line *line;
    const struct label_template *template;
    enum label_format format;
    int dpi;
    char name[ERRAND_NAME], unit[ERRAND_NAME], test_code[9];
    // the sheet at hand
    struct arena arena;
    const struct label_data **labels;
    int count;
    char number[16]; // of the first
    struct buf document;
    struct label_fault fault;
    bool drawn;
    // how far it is
    int remote;
    int asked;            // times the printer was asked
    int64_t silent_since; // clock_monotonic; 0: it answered last time
    bool cut;             // the document may not be whole at the printer
    bool cancelling;      // the printer was told
    enum errand_end end;
    char trouble[ERRAND_TROUBLE];
    void (*then)(struct errand *e); // what follows the line's work
    void *held;                     // the line's
    struct loop *loop;
    struct event *timer;
};

void errand_say(struct errand *e, enum errand_end end, const char *trouble);

// The ways to a printer. Each does one thing without blocking the loop and then calls e->then(e) on
// the loop, e->end and e->trouble saying how it went.
struct line {
    void (*open)(struct errand *e); // READY: what `send` sends is the first of the sheet
    void (*send)(struct errand *e); // the document
    void (*ask)(struct errand *e);  // what became of it; NULL: such a printer cannot be asked
    void (*cancel)(struct errand *e);
    void (*drop)(struct errand *e); // lets go of what `open` holds; nothing follows
};
extern const struct line line_raw, line_ipp;
void line_raw_close(void); // before its loop ends
