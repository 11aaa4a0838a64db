#pragma once
#include "label/facts.h"
#include "label/sheet.h"
#include "label/template.h"

// A form: a paper that is nothing but a template and its facts, so that a new one needs no code.
// The template's words are open (label/template.h): the id of a slot is a path into the facts,
// `applicant.name`; what follows a hyphen only tells it from another slot of the same value
// (`code-again`). Its bands are drawn in the order of the drawing:
//   first, next     heads of the first page and of the others (label/sheet.h)
//   ending -columns the head of the table whose rows are the band of the name before it
//   any other       once for each element of the list of its name, in which the paths of its slots
//                   then begin (`documents.name` in the band `documents`). Where there is no such
//                   list, once if the fact of its name is true, not if that is false or null, and
//                   else if it has no slots or something stands in one of them.
// A value is a text; a whole number, written 1.234; true, "Có"; or {time}, {day}, {money},
// {weight}, {code}, written as label/say.h writes them. Anything else is left empty. Three slots
// are not facts: `page`, `demo`, and `link`, where `track` is found.

extern const struct label_words form_words;
// {title, track?, barcode?, facts}: title of the PDF; track: the number or code that the short QR
// code leads to; barcode: what Code 128 says.
extern const struct json_field form_shape[];

// In `arena` and in `document`, which must stay. Pure. Never NULL.
const struct sheet *form_lay(struct arena *arena, const struct label_template *t,
                             const json_t *document, const struct label_source *source);
