#include "http/auth.h"

#include "http/conn.h"
#include "http/route.h"

static auth_check *authenticator;

void auth_use(auth_check *check)
{
    authenticator = check;
}

void auth_begin(struct request *req)
{
    bool given =
        request_header(req, "Authorization") != NULL || request_header(req, "Cookie") != NULL;
    if (authenticator != NULL && given)
        authenticator(req);
    else
        auth_done(req, ERR_OK);
}

void auth_done(struct request *req, enum err err)
{
    exchange_authenticated(exchange_of(req), err);
}

static bool writes(const struct request *req)
{
    return req->method != HTTP_GET && req->method != HTTP_HEAD;
}

// Another site can make a browser send our cookie, but not this header.
enum err auth_allowed(const struct request *req)
{
    uint32_t roles = req->route->roles;
    if (writes(req) && req->who.by_cookie && request_header(req, "X-Dossierpost") == NULL)
        return ERR_CSRF;
    if (roles == ROUTE_PUBLIC)
        return ERR_OK;
    if (req->who.account == 0)
        return ERR_UNAUTHENTICATED;
    return roles == ROUTE_ANY_ROLE || (req->who.roles & roles) != 0 ? ERR_OK : ERR_FORBIDDEN;
}
