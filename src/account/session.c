#include "account/session.h"

#include <string.h>
#include <strings.h>

#include "account/account_db.h"
#include "account/device_http.h"
#include "account/secret.h"
#include "account/seen.h"
#include "base/clock.h"
#include "base/conf.h"
#include "db/listen.h"
#include "http/auth.h"
#include "http/respond.h"
#include "http/server.h"

enum { KEEP = 30 * 1000000 };

static int slot; // in app->cap: struct seen

struct check {
    struct request *req;
    uint8_t hash[TOKEN_HASH];
    uint64_t generation;
    bool by_cookie;
};

static struct seen *seen_of(const struct request *req)
{
    return req->app->cap[slot];
}

static bool over_https(const struct request *req)
{
    return conf.public_url[0] ? strncmp(conf.public_url, "https:", 6) == 0 : request_is_https(req);
}

const char *session_cookie_name(struct request *req)
{
    return over_https(req) ? "__Host-dossierpost" : "dossierpost";
}

static void set_cookie(struct request *req, const char *token, long long seconds)
{
    reply_header(req, "Set-Cookie",
                 arena_printf(&req->arena, "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s",
                              session_cookie_name(req), token, seconds,
                              over_https(req) ? "; Secure" : ""));
}

void session_cookie_set(struct request *req, const char *token)
{
    set_cookie(req, token, (long long)conf.session_hours * 3600);
}

void session_cookie_clear(struct request *req)
{
    set_cookie(req, "", 0);
}

void session_forget(struct request *req)
{
    seen_forget(seen_of(req));
}

// A stale cookie makes its bearer nobody, so that public pages still open; a program that names a
// bad key is told.
static void finish(struct check *check, const struct principal *who)
{
    struct request *req = check->req;
    req->who = *who;
    req->who.by_cookie = check->by_cookie && who->account != 0;
    auth_done(req, who->account || check->by_cookie ? ERR_OK : ERR_UNAUTHENTICATED);
}

static const char *copied(struct arena *arena, const struct db_result *r, int col)
{
    const char *text = db_text(r, 0, col);
    return text ? arena_strdup(arena, text) : NULL;
}

static void read_who(const struct db_result *r, struct arena *arena, struct principal *who)
{
    who->account = db_int8(r, 0, WHO_ACCOUNT);
    who->unit = db_is_null(r, 0, WHO_UNIT) ? 0 : db_int8(r, 0, WHO_UNIT);
    who->roles = (uint32_t)db_int4(r, 0, WHO_ROLES);
    who->login = copied(arena, r, WHO_LOGIN);
    who->name = copied(arena, r, WHO_NAME);
    who->unit_code = copied(arena, r, WHO_UNIT_CODE);
    who->unit_name = copied(arena, r, WHO_UNIT_NAME);
    if (!db_is_null(r, 0, WHO_DEVICE))
        who->device = db_int8(r, 0, WHO_DEVICE);
    if (!db_is_null(r, 0, WHO_SESSION))
        memcpy(who->session, db_uuid(r, 0, WHO_SESSION), sizeof(who->session));
}

static int64_t keep_until(const struct db_result *r)
{
    int64_t keep = KEEP;
    if (r->rows && !db_is_null(r, 0, WHO_ENDS)) {
        int64_t left = db_time(r, 0, WHO_ENDS) - clock_now();
        keep = left < keep ? left : keep;
    }
    return clock_monotonic() + keep;
}

static void who_found(void *arg, const struct db_result *r)
{
    struct check *check = arg;
    struct principal who = {0};
    if (r->err != ERR_OK) {
        auth_done(check->req, r->err);
        return;
    }
    if (r->rows)
        read_who(r, &check->req->arena, &who);
    seen_keep(seen_of(check->req), check->generation, check->hash, &who, keep_until(r));
    finish(check, &who);
}

static const char *bearer(const struct request *req)
{
    const char *value = request_header(req, "Authorization");
    if (!value || strncasecmp(value, "Bearer ", 7) != 0)
        return NULL;
    value += 7;
    return value + strspn(value, " ");
}

static void session_check(struct request *req)
{
    const char *token = bearer(req);
    struct check check = {.req = req, .by_cookie = token == NULL};
    struct principal who = {0};
    if (!token)
        token = request_cookie(req, session_cookie_name(req));
    if (!token || !token_read(token, check.hash)) {
        finish(&check, &who);
        return;
    }
    if (seen_find(seen_of(req), check.hash, clock_monotonic(), &req->arena, &who)) {
        finish(&check, &who);
        return;
    }
    check.generation = seen_generation(seen_of(req));
    struct check *kept = arena_alloc(&req->arena, sizeof(*kept));
    *kept = check;
    account_who(req->app->db, kept->hash, who_found, kept);
}

static void changed(void *arg, const char *payload)
{
    seen_forget(arg);
}

bool session_setup(void)
{
    if (!secret_start())
        return false;
    slot = capability_slot();
    route_add(device_routes);
    auth_use(session_check);
    return true;
}

bool session_open(struct app_loop *app)
{
    app->cap[slot] = seen_create();
    listener_add(app->notices, "account", &app->loop, changed, app->cap[slot]);
    return true;
}

void session_close(struct app_loop *app)
{
    seen_destroy(app->cap[slot]);
    app->cap[slot] = NULL;
}
