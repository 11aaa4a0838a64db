#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "label/template.h"

// Reads a PDF 1.4 document that cairo has just written, to be made part of a longer one: where its
// objects begin and end, and where they refer to each other. It is held to the form that cairo
// gives it, byte for byte where that matters: another version of cairo that writes otherwise is
// told, never guessed at. It is no reader of PDF documents from elsewhere, but none can harm it.

struct pdf_ref { // "5 0 R", from `at` to `end`
    size_t at, end;
    int number;
    bool length; // the length of this object's stream
};

struct pdf_object { // what stands between "5 0 obj" and "endobj", from `at` to `end`
    size_t at, end;
    int ref, ref_count; // its place in the list of references
    int length;         // the number that is all of it; -1: it is something else
    bool left_out;      // has no place in a longer document
};

struct pdf_part {
    const char *data;
    int count;                  // numbers of objects are below this
    struct pdf_object *objects; // by number, from 1
    struct pdf_ref *refs;
    int ref_count, ref_room;
    int root, info, pages; // numbers; of these only pages has a place in a longer document
};

// `data` must stay. False, with `fault` filled, for anything else; finish it either way.
must_check bool pdf_part_read(struct pdf_part *part, const char *data, size_t len,
                              struct label_fault *fault);
void pdf_part_finish(struct pdf_part *part);
