#include "label/label_values.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/seal.h"
#include "http/server.h"
#include "label/kind.h"
#include "label/label.h"
#include "label/people.h"

bool label_row_values(struct arena *arena, const struct label_template *t,
                      const struct label_row *row, const struct label_source *source,
                      struct label_data *out)
{
    size_t plain_len;
    const char *personal = NULL;
    if (row->sealed && !(personal = seal_open(arena, row->sealed, row->sealed_len, row->key,
                                              row->key_len, &plain_len)))
        return false;
    json_t *facts = json_loadb(row->facts, row->facts_len, 0, NULL);
    bool ok = facts && label_people_join(arena, facts, personal) &&
              label_kind_named(t->words->kind)->make(arena, facts, source, out);
    json_decref(facts);
    return ok;
}

bool label_values(struct arena *arena, const struct label_template *t,
                  const struct db_result *result, int row, int column, struct label_data *out)
{
    struct label_links links;
    struct label_row given = {0};
    int sealed = column + 1, key = column + 2;
    given.facts = db_json(result, row, column, &given.facts_len);
    if (!db_is_null(result, row, sealed)) {
        given.sealed = db_text(result, row, sealed);
        given.sealed_len = db_len(result, row, sealed);
        given.key = db_text(result, row, key);
        given.key_len = db_len(result, row, key);
    }
    const char *url = conf.public_url[0] ? conf.public_url : http_address();
    label_links_make(&links, url);
    struct label_source source = {label_keys(), &links, clock_now(), conf.demo, url};
    return label_row_values(arena, t, &given, &source, out);
}
