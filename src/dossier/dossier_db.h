#pragma once
#include <stdint.h>

#include "base/seal.h"
#include "db/db.h"
#include "http/request.h"

// The SQL functions of the schema dossier, one a call. Who asks is always the first three
// parameters. Results: one row with one json, unless said otherwise.

void dossier_intake(struct db *db, const struct principal *who, const char *body,
                    const struct sealed *personal, const uint8_t digest[SEAL_DIGEST_BYTES],
                    db_done *done, void *arg);

struct dossier_step {
    const char *key, *action;
    const char *body; // JSON
    int32_t if_match; // 0: any version
    const char *idem; // Idempotency-Key or NULL, with the digest of the request
    uint8_t digest[SEAL_DIGEST_BYTES];
};
void dossier_act(struct db *db, const struct principal *who, const struct dossier_step *step,
                 db_done *done, void *arg);

// `version`: the one that is changed. `body` and `personal` as personal_correct makes them.
struct dossier_correction {
    const char *key, *body;
    int32_t version;
    const char *idem; // as in dossier_step
    uint8_t digest[SEAL_DIGEST_BYTES];
    struct sealed personal;
};
void dossier_correct(struct db *db, const struct principal *who, const struct dossier_correction *c,
                     db_done *done, void *arg);

// A part of a dossier becomes one of its own. `body` as the request has it; `personal` for the new
// one.
struct dossier_split {
    const char *key, *body;
    int32_t version;
    uint8_t digest[SEAL_DIGEST_BYTES];
    struct sealed personal;
};
void dossier_split(struct db *db, const struct principal *who, const struct dossier_split *split,
                   db_done *done, void *arg);
struct dossier_group {
    const char *key, *other;
    int32_t version, other_version;
    const char *idem; // as in dossier_step
    uint8_t digest[SEAL_DIGEST_BYTES];
};
void dossier_group(struct db *db, const struct principal *who, const struct dossier_group *group,
                   db_done *done, void *arg);
struct dossier_pieces {
    const char *key;
    int32_t pieces;
    const json_t *weights; // grams of each; NULL: equal shares
    int32_t if_match;      // as in dossier_step
    const char *idem;
    uint8_t digest[SEAL_DIGEST_BYTES];
};
void dossier_pieces(struct db *db, const struct principal *who, const struct dossier_pieces *pieces,
                    db_done *done, void *arg);

// Columns of dossier_get's one row; the reading is recorded.
enum { GET_VIEW, GET_VERSION, GET_SEALED, GET_KEY };
void dossier_get(struct db *db, const struct principal *who, const char *key, db_done *done,
                 void *arg);
void dossier_list(struct db *db, const struct principal *who, const char *args, db_done *done,
                  void *arg);
void dossier_events(struct db *db, const struct principal *who, const char *key, db_done *done,
                    void *arg);

// Rows of tracking: id, position in the log, public view. No row for a key that nobody knows.
enum { TRACK_ID, TRACK_POSITION, TRACK_VIEW };
void dossier_track(struct db *db, const char *key, db_done *done, void *arg);
// Those among `ids` that the log's positions first..last concern; first 0: all of them.
void dossier_watched(struct db *db, const uint8_t (*ids)[16], int count, int64_t first,
                     int64_t last, db_done *done, void *arg);
