#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "http/conn.h"
#include "http/page.h"
#include "http/respond.h"
#include "http/route.h"

// OpenAPI 3.1 and its readable form, both from the route rows: what is not in a table is not there.

static const char *const method_names[HTTP_METHODS] = {"get", "head", "post", "put", "delete"};

static void add_path_parameters(json_t *list, const char *path)
{
    for (const char *at = strchr(path, '{'); at != NULL; at = strchr(at + 1, '{'))
        json_array_append_new(list, json_pack("{s:s%, s:s, s:b, s:{s:s}}", "name", at + 1,
                                              strcspn(at + 1, "}"), "in", "path", "required", 1,
                                              "schema", "type", "string"));
}

static void add_query_parameters(json_t *list, const struct json_field *query)
{
    if (query == NULL)
        return;
    json_t *schema = json_schema(query);
    json_t *properties = json_object_get(schema, "properties");
    for (const struct json_field *field = query; field->name != NULL; field++) {
        json_t *own = json_object_get(properties, field->name);
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:O}", "name", field->name, "in",
                                              "query", "required", field->required, "schema",
                                              own ? own : json_null()));
    }
    json_decref(schema);
}

static json_t *responses(const struct route *route)
{
    json_t *all = json_pack("{s:{s:s}, s:{s:s}}", "2XX", "description", "Done", "default", "$ref",
                            "#/components/responses/Problem");
    if (route->roles != ROUTE_PUBLIC) {
        json_object_set_new(all, "401",
                            json_pack("{s:s}", "$ref", "#/components/responses/Problem"));
        json_object_set_new(all, "403",
                            json_pack("{s:s}", "$ref", "#/components/responses/Problem"));
    }
    return all;
}

static json_t *request_body(const struct route *route)
{
    json_t *schema = route->body ? json_schema(route->body) : json_object();
    const char *type = route->raw_body    ? "application/octet-stream"
                       : route->form_body ? "application/x-www-form-urlencoded"
                                          : "application/json";
    return json_pack("{s:b, s:{s:{s:o}}}", "required", 1, "content", type, "schema", schema);
}

// "POST /v1/dossiers/{code}/actions" becomes post_v1_dossiers_code_actions.
static void operation_id(const struct route *route, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "%s", method_names[route->method]);
    for (const char *at = route->path; *at != '\0' && used + 1 < size; at++) {
        if (isalnum((unsigned char)*at))
            out[used++] = *at;
        else if (out[used - 1] != '_')
            out[used++] = '_';
    }
    while (used > 0 && out[used - 1] == '_')
        used--;
    out[used] = '\0';
}

static json_t *operation(const struct route *route)
{
    char id[128];
    operation_id(route, id, sizeof id);
    json_t *parameters = json_array();
    add_path_parameters(parameters, route->path);
    add_query_parameters(parameters, route->query);
    json_t *op = json_pack("{s:s, s:s, s:s, s:o, s:o, s:i}", "operationId", id, "summary",
                           route->text_en ? route->text_en : "", "x-summary-vi",
                           route->text_vi ? route->text_vi : "", "parameters", parameters,
                           "responses", responses(route), "x-roles", (int)route->roles);
    if (route->body != NULL || route->raw_body)
        json_object_set_new(op, "requestBody", request_body(route));
    if (route->roles != ROUTE_PUBLIC)
        json_object_set_new(op, "security", json_pack("[{s:[]}, {s:[]}]", "session", "bearer"));
    return op;
}

static json_t *components(void)
{
    json_t *problem = json_pack(
        "{s:s, s:[s,s,s,s,s], s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s, s:{s:s}}}}",
        "type", "object", "required", "type", "title", "status", "detail", "instance", "properties",
        "type", "type", "string", "title", "type", "string", "status", "type", "integer", "detail",
        "type", "string", "instance", "type", "string", "errors", "type", "array", "items", "type",
        "object");
    return json_pack("{s:{s:o}, s:{s:{s:s, s:{s:{s:{s:s}}}}}, s:{s:{s:s,s:s,s:s}, s:{s:s,s:s}}}",
                     "schemas", "Problem", problem, "responses", "Problem", "description",
                     "A problem document (RFC 9457)", "content", "application/problem+json",
                     "schema", "$ref", "#/components/schemas/Problem", "securitySchemes", "session",
                     "type", "apiKey", "in", "cookie", "name", "__Host-dossierpost", "bearer",
                     "type", "http", "scheme", "bearer");
}

json_t *route_openapi(const char *server_url)
{
    json_t *paths = json_object();
    const struct route *route;
    for (int i = 0; (route = route_at(i)) != NULL; i++) {
        json_t *item = json_object_get(paths, route->path);
        if (item == NULL) {
            item = json_object();
            json_object_set_new(paths, route->path, item);
        }
        json_object_set_new(item, method_names[route->method], operation(route));
    }
    return json_pack("{s:s, s:{s:s, s:s}, s:[{s:s}], s:o, s:o}", "openapi", "3.1.0", "info",
                     "title", "dossierpost", "version", DOSSIERPOST_VERSION, "servers", "url",
                     server_url, "paths", paths, "components", components());
}

// --- served -------------------------------------------------------------------------------------
static pthread_mutex_t text_lock = PTHREAD_MUTEX_INITIALIZER;
static char *openapi_text; // made once: the tables do not change

static const char *openapi_once(void)
{
    pthread_mutex_lock(&text_lock);
    if (openapi_text == NULL) {
        json_t *document = route_openapi(conf.public_url[0] != '\0' ? conf.public_url : "/");
        openapi_text = document ? json_dumps(document, JSON_COMPACT) : NULL;
        json_decref(document);
        if (openapi_text == NULL)
            log_error("http", "", "the OpenAPI document could not be written");
    }
    pthread_mutex_unlock(&text_lock);
    return openapi_text;
}

static void openapi_get(struct request *req)
{
    const char *text = openapi_once();
    if (text == NULL)
        reply_problem(req, ERR_INTERNAL, NULL);
    else
        reply_cacheable(req, "application/json", "no-cache", text, strlen(text));
}

// Members of members are written a.b, those of elements a[].b.
static void docs_members(struct buf *out, const struct json_field *shape, const char *prefix,
                         int depth)
{
    for (; shape != NULL && shape->name != NULL && depth < JSON_DEPTH_MAX; shape++) {
        bool list = shape->kind == JSON_KIND_ARRAY;
        char inside[160];
        buf_printf(out, "<tr><td><code>%s%s%s</code>%s<td>", prefix, shape->name, list ? "[]" : "",
                   shape->required ? " *" : "");
        buf_html(out, shape->text ? shape->text : "");
        buf_text(out, "\n");
        snprintf(inside, sizeof inside, "%s%s%s.", prefix, shape->name, list ? "[]" : "");
        const struct json_field *one = list ? shape->item : shape;
        docs_members(out, one ? one->shape : NULL, inside, depth + 1);
    }
}

static void docs_route(struct buf *out, const struct request *req, const struct route *route)
{
    const char *text = req->lang == LANG_EN ? route->text_en : route->text_vi;
    char id[128];
    operation_id(route, id, sizeof id);
    buf_printf(out, "<section id=\"%s\">\n<h2><code>", id);
    for (const char *at = method_names[route->method]; *at != '\0'; at++)
        buf_byte(out, (char)toupper((unsigned char)*at));
    buf_printf(out, " %s</code></h2>\n<p>", route->path);
    buf_html(out, text ? text : "");
    buf_text(out, "</p>\n");
    if (route->query != NULL || route->body != NULL) {
        buf_text(out, "<table>\n");
        docs_members(out, route->query, "?", 0);
        docs_members(out, route->body, "", 0);
        buf_text(out, "</table>\n");
    }
    buf_text(out, "</section>\n");
}

static void docs_get(struct request *req)
{
    struct buf out = {0};
    bool english = req->lang == LANG_EN;
    page_open(&out, req,
              english ? "The interface of dossierpost" : "Giao diện lập trình dossierpost");
    buf_printf(&out,
               "<p>%s <a href=\"/openapi.json\">/openapi.json</a> · <a href=\"/problems\">"
               "/problems</a></p>\n",
               english ? "For machines:" : "Cho máy đọc:");
    const struct route *route;
    for (int i = 0; (route = route_at(i)) != NULL; i++)
        docs_route(&out, req, route);
    page_reply(&out, req, 200);
}

const struct route openapi_routes[] = {
    {HTTP_GET, "/openapi.json", ROUTE_PUBLIC, openapi_get,
     .text_vi = "Mô tả mọi địa chỉ theo OpenAPI 3.1.",
     .text_en = "Every route, described in OpenAPI 3.1."},
    {HTTP_GET, "/docs", ROUTE_PUBLIC, docs_get, .text_vi = "Mô tả để người đọc.",
     .text_en = "The description, for people."},
    {0},
};
