#include "http/route.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

// The tables become a tree of path segments, so finding a row costs one step a segment however
// many rows there are. Built before the loops run, then only read.

enum { PARAMS_MAX = 4, ROWS_MAX = 512 };

struct node {
    const char *text; // the literal, or what stands behind {…}
    size_t len;
    bool param;
    struct node *sibling, *child;
    const struct route *rows[HTTP_METHODS];
    char allow[48];
};

static struct node root;
static const struct route *all[ROWS_MAX];
static int all_count;

// Literals are tried first, then parameters with something behind them, then bare ones.
static int node_rank(const struct node *node)
{
    return !node->param ? 0 : node->len > 0 ? 1 : 2;
}

static struct node *node_child(struct node *parent, const char *text, size_t len)
{
    struct node wanted = {.param = text[0] == '{'};
    size_t name = wanted.param ? strcspn(text, "}") + 1 : 0;
    wanted.text = text + name;
    wanted.len = len - name;
    struct node **link = &parent->child;
    for (; *link != NULL && node_rank(*link) <= node_rank(&wanted); link = &(*link)->sibling) {
        struct node *node = *link;
        if (node->param == wanted.param && node->len == wanted.len &&
            memcmp(node->text, wanted.text, wanted.len) == 0)
            return node;
    }
    struct node *node = calloc(1, sizeof *node);
    if (node == NULL)
        die("out of memory");
    *node = wanted;
    node->sibling = *link;
    return *link = node;
}

static void node_describe(struct node *node)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "DELETE"};
    size_t used = 0;
    for (int i = 0; i < HTTP_METHODS; i++) {
        bool there = node->rows[i] != NULL || (i == HTTP_HEAD && node->rows[HTTP_GET] != NULL);
        if (there)
            used +=
                (size_t)snprintf(node->allow + used, sizeof node->allow - used, "%s, ", names[i]);
    }
    snprintf(node->allow + used, sizeof node->allow - used, "OPTIONS");
}

static void add_row(const struct route *route)
{
    struct node *node = &root;
    int params = 0;
    for (const char *at = route->path; *at == '/';) {
        size_t len = strcspn(++at, "/");
        params += *at == '{';
        if (len > 0 || node == &root)
            node = node_child(node, at, len);
        at += len;
    }
    if (params > PARAMS_MAX || all_count == ROWS_MAX)
        die("route %s: too many rows or parameters", route->path);
    if (node->rows[route->method] != NULL)
        die("route %s: two rows", route->path);
    node->rows[route->method] = all[all_count++] = route;
    node_describe(node);
}

void route_add(const struct route *table)
{
    for (; table->path != NULL; table++)
        add_row(table);
}

const struct route *route_at(int index)
{
    return index >= 0 && index < all_count ? all[index] : NULL;
}

struct search {
    struct request *req;
    const char *starts[PARAMS_MAX];
    size_t lens[PARAMS_MAX];
    const char *allow; // of the first path that fits
    const struct route *found;
};

static const struct route *node_row(const struct node *node, enum http_method method)
{
    if (method == HTTP_METHODS)
        return NULL;
    const struct route *row = node->rows[method];
    return row == NULL && method == HTTP_HEAD ? node->rows[HTTP_GET] : row;
}

// Literal before parameter at each segment; goes back when a branch has no row for the method.
static bool descend(struct search *search, const struct node *node, const char *at, int params)
{
    if (*at == '\0') {
        if (node->allow[0] != '\0' && search->allow == NULL)
            search->allow = node->allow;
        search->found = node_row(node, search->req->method);
        return search->found != NULL;
    }
    size_t len = strcspn(++at, "/");
    for (const struct node *child = node->child; child != NULL; child = child->sibling) {
        size_t name = len - child->len;
        if (len < child->len || (child->param ? name == 0 : name > 0) ||
            memcmp(child->text, at + name, child->len) != 0 ||
            (child->param && params == PARAMS_MAX))
            continue;
        if (child->param) {
            search->starts[params] = at;
            search->lens[params] = name;
        }
        if (descend(search, child, at + len, params + child->param))
            return true;
    }
    return false;
}

enum err route_find(struct request *req, const char **allow)
{
    struct search search = {.req = req};
    if (strcmp(req->path, "*") == 0) {
        *allow = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
        return ERR_METHOD_NOT_ALLOWED;
    }
    if (req->path[0] != '/' || !descend(&search, &root, req->path, 0)) {
        *allow = search.allow;
        return search.allow ? ERR_METHOD_NOT_ALLOWED : ERR_NOT_FOUND;
    }
    req->route = search.found;
    int param = 0;
    for (const char *at = strchr(search.found->path, '{'); at != NULL; at = strchr(at + 1, '{')) {
        req->params[param] = arena_copy(&req->arena, search.starts[param], search.lens[param]);
        param++;
    }
    return ERR_OK;
}
