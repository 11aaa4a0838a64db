#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "custody/merkle.h"

// The canonical bytes of an event and of its row in the log: what the chains and the Merkle tree
// are made of. The same as custody.event_bytes and custody.leaf in SQL, whose comments tell the
// format; made again here so that a verifier trusts no stored hash. Pure.

enum { CANON_TEXTS = 17, CANON_SUBJECT = 1, CANON_KIND = 2, CANON_CONTAINER = 10, CANON_MAC = 16 };

struct canon_text {
    const char *data; // NULL: none
    size_t len;
};

struct canon_event {
    uint8_t id[16];
    int64_t at, received_at, device_at; // microseconds since 1970
    int64_t device, device_seq, actor;
    struct canon_text texts[CANON_TEXTS]; // in the order of canon_names
};

extern const char *const canon_names[CANON_TEXTS]; // unit, subject, kind …

// Into `out`, which is emptied first.
void canon_bytes(const struct canon_event *event, struct buf *out);
// The hash of an event after `prev`, zeros for the first of its subject. joined: the head of the
// container that the event names, zeros for one without events; not looked at when it names none.
struct merkle_hash canon_hash(struct merkle_hash prev, struct merkle_hash joined,
                              const struct canon_event *event, struct buf *scratch);
struct merkle_hash canon_leaf(uint64_t position, const char *subject, size_t subject_len,
                              const uint8_t id[16], struct merkle_hash hash);

// The members `fields` of an event in an evidence bundle; texts stay in the document.
must_check bool canon_read(const json_t *fields, struct canon_event *out);
// 64 hexadecimal digits.
must_check bool canon_hash_read(const char *hex, struct merkle_hash *out);
enum { HASH_TEXT = 2 * MERKLE_HASH + 1 };
void canon_hash_write(struct merkle_hash hash, char out[HASH_TEXT]);
