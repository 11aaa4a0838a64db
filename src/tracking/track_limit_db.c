#include "tracking/track_limit_db.h"

#include <string.h>

static const struct db_stmt exchange_stmt = {
    "dossier.track_exchange",
    "select address, used from dossier.track_exchange($1::text[], $2::int8[], $3::int8, $4::int8)",
    true};

void track_exchange(struct db *db, const struct track_use *used, int count, int64_t most,
                    int64_t notable, db_done *done, void *arg)
{
    struct db_params p = {0};
    char address[TRACK_PLACE_TEXT];
    db_array_open(&p, DB_ARRAY_TEXT, count);
    for (int i = 0; i < count; i++) {
        track_place_format(used[i].place, address);
        db_array_bytes(&p, address, strlen(address));
    }
    db_array_close(&p);
    db_array_open(&p, DB_ARRAY_INT8, count);
    for (int i = 0; i < count; i++)
        db_array_int(&p, used[i].used);
    db_array_close(&p);
    db_add_int8(&p, most);
    db_add_int8(&p, notable);
    db_call(db, &exchange_stmt, &p, done, arg);
}
