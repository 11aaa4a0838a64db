#pragma once
#include <jansson.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "http/capability.h"

// Who has what, and how it got there. A scan is a fact: it is recorded, with an exception where it
// is out of place, and refused only for what is wrong in itself. What may happen from which state,
// and who holds the thing then, is data: custody.transition in migrations/0005_custody.sql; the
// step and the fold over events are SQL (0007_*.sql). This folder is the edge: it reads scanner
// codes and JSON, seals and opens personal payloads, hands scans to the batcher, and runs the
// sequencer that gives committed events their positions in the log, and behind it the search for
// what should have arrived.
//
// Routes: /v1/custody/{scans, held, items, handovers, exceptions, vocabulary, deliveries,
// shipments, unclaimed}, /docs/custody.

extern const struct capability custody_capability;

// What a scanner read, as the shipment's number or the container's id it stands for: an S10 number
// with spaces or small letters, a signed code (label/label.h), a tracking link in any case, a
// 29-character receptacle. ERR_OK, ERR_BAD_CODE, ERR_BAD_CHECK_DIGIT or ERR_BAD_SIGNATURE.
// A signed code of a revoked key still names its number: it proves no more than the number that is
// printed beside it, and what is scanned is a fact. Thread-safe.
enum { SUBJECT_TEXT = 30 };
must_check enum err custody_code_read(const char *code, char subject[SUBJECT_TEXT]);
// The same, with what a signed code says of the label.
struct custody_label {
    int copy; // 0: it was no signed code
    bool revoked;
};
must_check enum err custody_label_read(const char *code, char subject[SUBJECT_TEXT],
                                       struct custody_label *label);
// Whether a subject is a container's id.
bool custody_is_container(const char *subject);

// The identity of a write, so that a repeat is found: `id` is the body's member "id", else comes
// from the header Idempotency-Key, else is fresh; `key` is that header, NULL without one; `digest`
// is of who, where and what. False when the header is none: the request has its reply then.
struct write_id {
    uint8_t id[16];
    uint8_t digest[32];
    const char *key;
};
must_check bool custody_write_id(struct request *req, struct write_id *out);

// A personal payload as custody.payload_of gives it, opened: {text, salt}, the salt in hex;
// {"erased": true}; {"unopened": true} when its key is foreign or it is damaged. A new reference.
struct arena;
json_t *custody_payload_open(struct arena *arena, const json_t *payload);

// Events were committed: the sequencer need not wait for its next look. From any loop.
void custody_poke(void);
// `heard` is called with the shipment or container of each scan that was written, after its commit
// and before its acknowledgement, on the loop that took it. In setup; one listener.
void custody_on_event(void (*heard)(const char *subject));
