#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "base/seal.h"

// Which members of an intake are personal. They are sealed as one JSON text; the rest, with what
// the rules need to know of them (kind, communes), goes to the database in the clear.

// Takes nothing away from `body`. The public part as JSON text in the arena.
const char *personal_split(struct arena *arena, const json_t *body, struct sealed *sealed);
// What was sealed, with the personal members of `body` in place of its own, sealed anew. The public
// part as personal_split makes it, with "corrected": the paths of what differs (applicant.phone).
// NULL when the payload cannot be opened.
const char *personal_correct(struct arena *arena, const json_t *body, const void *old, size_t len,
                             const void *key, size_t key_len, struct sealed *sealed);
// What was sealed, sealed anew with a key of its own. False when it cannot be opened.
must_check bool personal_copy(struct arena *arena, const void *old, size_t len, const void *key,
                              size_t key_len, struct sealed *sealed);
// A sealed part: a new reference, or NULL when it cannot be opened.
json_t *personal_open(struct arena *arena, const void *sealed, size_t len, const void *key,
                      size_t key_len);
// Whether the applicants of two parts are one: the same name, and the same identity number or,
// where one of them has none, the same telephone.
bool personal_same(const json_t *one, const json_t *other);
// Whether nothing that the other says of its result, its proxy and its note would be lost if only
// this one stayed.
bool personal_covers(const json_t *one, const json_t *other);
// Puts what was sealed back into a view, as far as its member "personal" says: full: applicant,
// proxy, result_to, note, and of what was filed on line form and where papers are fetched (pickup,
// whose day and half the view says); delivery: of the first three only kind, unit, name, phone and
// address; none: nothing. An erased dossier gets "erased": true. False when the payload cannot be
// opened.
must_check bool personal_join(struct arena *arena, json_t *view, const void *sealed, size_t len,
                              const void *key, size_t key_len);

// Opens the payload of one event of a history (custody_payload_open) and puts in its place what the
// reader may see: `personal`: what was sealed but where (delivery: reason, next_action, the
// recipient's name, relation and phone, the proof's method), as far as `reach` goes; `where`: place
// and position, for staff; or "erased": true.
void personal_of_event(struct arena *arena, json_t *event, const char *reach, bool staff);
