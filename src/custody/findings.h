#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "custody/checkpoint.h"

struct buf;

// What a verification found, and by whose keys and checkpoints it judged. Pure.

enum finding {
    FOUND_EVENT_MISSING,   // the log has it, the event table does not
    FOUND_EVENT_CHANGED,   // it does not give its hash
    FOUND_EVENT_UNPLACED,  // older than the log's end, and without a position
    FOUND_OUT_OF_ORDER,    // swapped, inserted with a position, or twice in the log
    FOUND_ROW_MISSING,     // a position is not there
    FOUND_CHAIN_BROKEN,    // does not continue the subject's event before
    FOUND_ROOT_DIFFERS,    // positions up to a checkpoint are not those that it signed
    FOUND_TREE_DIFFERS,    // a stored subtree is not that of its leaves
    FOUND_PROOF_WRONG,     // the positions around an event do not lead to the signed root
    FOUND_LOG_SHORT,       // a checkpoint covers more than there is
    FOUND_SIGNATURE_WRONG, // of a checkpoint
    FOUND_KEY_UNKNOWN,     // signed by a key that is not trusted
    FOUND_OTHER_LOG,       // a checkpoint of another log
    FOUND_MALFORMED,       // not what it says it is
    FOUND_PURGE_WRONG,     // a purge that the log does not tell, or that tells another number
    FOUND_PAYLOAD_WRONG,   // personal payload that is not what its event says
    FOUND_KINDS
};

enum { FINDINGS_MAX = 100, SUBJECT_MAX = 64 };

struct found {
    enum finding what;
    uint64_t position; // 0: none
    char subject[SUBJECT_MAX], event[UUID_TEXT], detail[200];
};

struct findings {
    uint64_t events;      // looked at
    uint64_t verified;    // of them: good, and under a good checkpoint
    uint64_t uncovered;   // good so far, but newer than the last good checkpoint
    uint64_t purged;      // gone after their time, the leaf kept; not in `events`
    uint64_t pending;     // without a position yet, as the newest are
    uint64_t checkpoints; // looked at, in the database and outside
    uint64_t covered_to;  // size of the last good checkpoint
    uint64_t payloads;    // personal payloads that are what their events say
    uint64_t erased;      // payloads of which key and salt were destroyed
    uint64_t unopened;    // payloads that could not be opened: their master key is not here
    uint64_t unread;      // lines of a file of checkpoints, passed over
    uint64_t bad;         // findings, also those beyond the list
    const char *keys;     // where the trusted keys come from
    struct found list[FINDINGS_MAX];
};

void findings_add(struct findings *f, enum finding what, uint64_t position, const char *subject,
                  const uint8_t *event, const char *fmt, ...) printf_like(6, 7);
void findings_print(const struct findings *f, struct buf *out); // for people
json_t *findings_json(const struct findings *f);

// Whose signatures count. Empty: those of the first key that is met, which `source` then says.
struct trust {
    int count;
    uint8_t keys[KEYRING_MAX][SIGN_KEY_PUBLIC];
};

void trust_add(struct trust *trust, const uint8_t key[SIGN_KEY_PUBLIC]);
// Signature and key; adds what is wrong. `where` says where it comes from: "stored", "outside" …
must_check bool findings_checkpoint(struct findings *f, struct trust *trust,
                                    const struct checkpoint *c, const char *where);
