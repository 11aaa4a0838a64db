#pragma once
#include "base/seal.h"
#include "db/db.h"
#include "http/request.h"

// The SQL functions of the schema paper, one a call. One row with one json.

struct paper_wish {
    bool dossier; // of a dossier, by its code or a number; else of whatever the kind is of
    const char *name, *of;
    const char *args; // JSON: n, or from and to
};
// A page of it: {template, title, file, track?, barcode?, facts, people}, see paper.draw; whose
// people it names; where the next page begins, NULL: this is the last. A look-up.
enum { DRAW_PAGE, DRAW_DOSSIERS, DRAW_NEXT };
void paper_draw(struct db *db, const struct principal *who, const struct paper_wish *wish,
                db_done *done, void *arg);
// Records that the people of these (as paper_draw gave them) are read: before anybody sees them.
void paper_read(struct db *db, const struct principal *who, const char *name, const char *dossiers,
                db_done *done, void *arg);
// `reason` and `key` may be NULL.
void paper_print(struct db *db, const struct principal *who, const struct paper_wish *wish,
                 const char *reason, const char *key, const uint8_t digest[SEAL_DIGEST_BYTES],
                 db_done *done, void *arg);
void paper_list(struct db *db, const struct principal *who, const char *dossier, db_done *done,
                void *arg);
