#include <stdlib.h>

#include "account/account_db.h"
#include "account/secret.h"
#include "account/session.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/respond.h"
#include "http/server.h"

// A login waits three times: for the count of attempts, for argon2id on the work crew, and for the
// session to be durable. The steps stand in that order.

enum { PASSWORD_MAX = 200, LOGIN_MAX = 64 };

struct login {
    struct request *req;
    const char *login, *password, *hash;
    int64_t account; // 0: nobody has this login
    bool right;
    char token[TOKEN_TEXT];
    uint8_t token_hash[TOKEN_HASH];
};

static const struct json_field login_body[] = {
    {"login", JSON_KIND_TEXT, true, 1, LOGIN_MAX, .text = "Tên đăng nhập · Login"},
    {"password", JSON_KIND_TEXT, true, 1, PASSWORD_MAX, .text = "Mật khẩu · Password"},
    {0},
};

static void login_counted(void *arg, const struct db_result *r);
static void login_compare(void *arg);
static void login_compared(void *arg);
static void login_opened(void *arg, const struct db_result *r);

static void login_post(struct request *req)
{
    struct login *login = arena_alloc(&req->arena, sizeof(*login));
    login->req = req;
    login->login = json_text(req->body, "login");
    login->password = json_text(req->body, "password");
    account_login_begin(req->app->db, login->login, req->peer, login_counted, login);
}

static void reply_wait(struct request *req, int seconds)
{
    reply_header(req, "Retry-After", arena_printf(&req->arena, "%d", seconds));
    reply_problem(req, ERR_TOO_MANY_REQUESTS, NULL);
}

static void login_counted(void *arg, const struct db_result *r)
{
    struct login *login = arg;
    struct request *req = login->req;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    if (db_int4(r, 0, 0) > 0) {
        metric_add(METRIC_logins_refused, 1);
        log_warn("account", req->subject, "too many wrong passwords");
        reply_wait(req, db_int4(r, 0, 0));
        return;
    }
    if (!db_is_null(r, 0, 1)) {
        login->account = db_int8(r, 0, 1);
        login->hash = arena_strdup(&req->arena, db_text(r, 0, 2));
    }
    if (!work_submit(req->app->crew, &req->app->loop, login_compare, login_compared, login))
        reply_problem(req, ERR_BUSY, NULL);
}

static void login_compare(void *arg) // on the work crew
{
    struct login *login = arg;
    login->right = password_verify(login->hash, login->password);
}

static void login_compared(void *arg)
{
    struct login *login = arg;
    struct request *req = login->req;
    if (!login->right) {
        metric_add(METRIC_logins_refused, 1);
        log_info("account", req->subject, "login refused");
        reply_problem(req, ERR_LOGIN_REFUSED, NULL);
        return;
    }
    token_make(login->token, login->token_hash);
    account_login_open(req->app->db, login->account, login->login, req->peer, login->token_hash,
                       login_opened, login);
}

static void login_opened(void *arg, const struct db_result *r)
{
    struct login *login = arg;
    if (r->err != ERR_OK) {
        reply_problem_raised(login->req, r->err, r->detail);
        return;
    }
    session_cookie_set(login->req, login->token);
    reply_empty(login->req, 204);
}

static void logout_done(void *arg, const struct db_result *r);

// The session's id is zero for an API key, which names no row.
static void logout_post(struct request *req)
{
    account_logout(req->app->db, req->who.session, logout_done, req);
}

static void logout_done(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    session_forget(req);
    session_cookie_clear(req);
    reply_empty(req, 204);
}

static void me_done(void *arg, const struct db_result *r);

static void me_get(struct request *req)
{
    account_me(req->app->db, req->who.account, me_done, req);
}

static void me_done(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/auth/login",
     .roles = ROUTE_PUBLIC,
     .handle = login_post,
     .says_itself = true,
     .body = login_body,
     .body_max = 4096,
     .text_vi = "Đăng nhập; trả về cookie phiên làm việc.",
     .text_en = "Log in; gives the session's cookie."},
    {.method = HTTP_POST,
     .path = "/v1/auth/logout",
     .roles = ROUTE_ANY_ROLE,
     .handle = logout_post,
     .says_itself = true,
     .text_vi = "Đăng xuất; phiên làm việc mất hiệu lực ở mọi nơi.",
     .text_en = "Log out; the session ends everywhere."},
    {.method = HTTP_GET,
     .path = "/v1/auth/me",
     .roles = ROUTE_ANY_ROLE,
     .handle = me_get,
     .text_vi = "Tài khoản đang đăng nhập, vai trò và đơn vị.",
     .text_en = "The account that is logged in, its roles and unit."},
    {0}};

const struct capability account_capability = {
    .name = "account",
    .routes = routes,
    .setup = session_setup,
    .open = session_open,
    .close = session_close,
};
