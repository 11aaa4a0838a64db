#include "http/auth.h"

#include <string.h>
#include <strings.h>

#include "base/conf.h"
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

// A form that anybody may send does nothing in the name of whoever is logged in.
static bool in_nobodys_name(const struct route *route)
{
    return route->form_body && route->roles == ROUTE_PUBLIC;
}

static bool our_origin(const struct request *req, const char *origin)
{
    size_t len = strlen(origin);
    const char *host = strstr(origin, "://");
    const char *url = conf.public_url;
    if (strncasecmp(url, origin, len) == 0 && url[0] != '\0' &&
        (url[len] == '\0' || url[len] == '/'))
        return true;
    return host != NULL && strcasecmp(host + 3, req->host) == 0;
}

// Another site can make its visitors send our forms, from as many addresses as it has visitors. A
// browser tells where a form stood; what is no browser tells nothing.
static bool from_another_site(const struct request *req)
{
    const char *site = request_header(req, "Sec-Fetch-Site");
    const char *origin = request_header(req, "Origin");
    if (site != NULL)
        return strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
    return origin != NULL && !our_origin(req, origin);
}

// Another site can make a browser send our cookie, but not this header.
enum err auth_allowed(const struct request *req)
{
    uint32_t roles = req->route->roles;
    if (req->route->form_body && from_another_site(req))
        return ERR_CSRF;
    if (writes(req) && req->who.by_cookie && !in_nobodys_name(req->route) &&
        request_header(req, "X-Dossierpost") == NULL)
        return ERR_CSRF;
    if (roles == ROUTE_PUBLIC)
        return ERR_OK;
    if (req->who.account == 0)
        return ERR_UNAUTHENTICATED;
    return roles == ROUTE_ANY_ROLE || (req->who.roles & roles) != 0 ? ERR_OK : ERR_FORBIDDEN;
}
