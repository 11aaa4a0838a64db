#include "cmd/keys.h"

#include <libpq-fe.h>
#include <sodium.h>
#include <string.h>

#include "base/conf.h"
#include "base/keyring.h"
#include "base/log.h"
#include "base/seal.h"
#include "db/link.h"

static bool foreign(const char *name)
{
    log_error("keys", NULL,
              "%s/keys/%s.key is not the key of this database. All services on one database share "
              "one folder keys/: put that of the first service there, from its state directory or "
              "from its backup, with its owner and mode 0700",
              conf.state_dir, name);
    log_error(
        "keys", NULL,
        "%s/keys/%s.key không phải là khóa của cơ sở dữ liệu này. Mọi dịch vụ trên cùng một "
        "cơ sở dữ liệu dùng chung một thư mục keys/: hãy đặt vào đó thư mục keys/ của dịch vụ "
        "đầu tiên, lấy từ thư mục trạng thái hoặc bản sao lưu của nó, giữ nguyên chủ sở hữu "
        "và quyền 0700",
        conf.state_dir, name);
    return false;
}

static bool fits(PGconn *pg, const char *name, const uint8_t mark[SEAL_DIGEST_BYTES])
{
    char hex[2 + 2 * SEAL_DIGEST_BYTES + 1] = "\\x";
    const char *values[] = {name, hex};
    sodium_bin2hex(hex + 2, sizeof hex - 2, mark, SEAL_DIGEST_BYTES);
    PGresult *r =
        PQexecParams(pg, "select custody.key_fits($1, $2::bytea)", 2, NULL, values, NULL, NULL, 0);
    bool told = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;
    bool good = told && strcmp(PQgetvalue(r, 0, 0), "t") == 0;
    if (!told)
        log_error("keys", NULL, "%s", PQerrorMessage(pg));
    PQclear(r);
    return good || (told && foreign(name));
}

// A ring keeps its oldest key for ever: new ones are added behind it.
static bool rings_fit(PGconn *pg)
{
    const char *name;
    const struct keyring *ring;
    bool good = true;
    for (int i = 0; good && (ring = keyring_published(i, &name)); i++) {
        uint8_t mark[SEAL_DIGEST_BYTES];
        crypto_hash_sha256(mark, ring->list[0].open, sizeof ring->list[0].open);
        good = fits(pg, name, mark);
    }
    return good;
}

bool keys_fit(void)
{
    uint8_t mark[SEAL_DIGEST_BYTES];
    PGconn *pg = link_open(conf.database_url, LINK_OWNER);
    bool good = PQstatus(pg) == CONNECTION_OK;
    if (!good)
        log_error("keys", NULL, "cannot connect: %s", PQerrorMessage(pg));
    seal_mark(mark);
    good = good && fits(pg, "personal", mark) && rings_fit(pg);
    PQfinish(pg);
    return good;
}
