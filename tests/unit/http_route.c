#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "http/route.h"

static void handle(struct request *req)
{
}

static const struct route table[] = {
    {HTTP_GET, "/", 0, handle},
    {HTTP_GET, "/v1/things", 0, handle},
    {HTTP_POST, "/v1/things", 1, handle},
    {HTTP_GET, "/v1/things/{id}", 0, handle},
    {HTTP_DELETE, "/v1/things/{id}", 0, handle},
    {HTTP_POST, "/v1/things/batch", 0, handle},
    {HTTP_GET, "/v1/things/special", 0, handle},
    {HTTP_GET, "/v1/things/{id}/parts/{part}", 0, handle},
    {HTTP_GET, "/v1/{any}/special/{x}", 0, handle},
    {HTTP_GET, "/v1/things/{id}.pdf", 0, handle},
    {0},
};

static void expect(enum http_method method, const char *path, enum err err, const char *found)
{
    struct request req = {.method = method, .path = path};
    const char *allow = NULL;
    arena_init(&req.arena);
    enum err got = route_find(&req, &allow);
    const char *text = got == ERR_OK ? req.route->path : allow ? allow : "";
    if (got != err || strcmp(text, found) != 0)
        fail_msg("%s: %d %s instead of %d %s", path, got, text, err, found);
    arena_finish(&req.arena);
}

static void finds(void **state)
{
    expect(HTTP_GET, "/", ERR_OK, "/");
    expect(HTTP_GET, "/v1/things", ERR_OK, "/v1/things");
    expect(HTTP_GET, "/v1/things/7", ERR_OK, "/v1/things/{id}");
    expect(HTTP_HEAD, "/v1/things/7", ERR_OK, "/v1/things/{id}");
    expect(HTTP_GET, "/v1/things/special", ERR_OK, "/v1/things/special");
    expect(HTTP_POST, "/v1/things/batch", ERR_OK, "/v1/things/batch");
    expect(HTTP_GET, "/v1/things/7/parts/8", ERR_OK, "/v1/things/{id}/parts/{part}");
}

static void goes_back_from_a_literal_that_does_not_fit(void **state)
{
    expect(HTTP_GET, "/v1/things/batch", ERR_OK, "/v1/things/{id}");
    expect(HTTP_DELETE, "/v1/things/special", ERR_OK, "/v1/things/{id}");
    expect(HTTP_GET, "/v1/things/special/x", ERR_OK, "/v1/{any}/special/{x}");
    expect(HTTP_GET, "/v1/things/7.pdf", ERR_OK, "/v1/things/{id}.pdf");
    expect(HTTP_GET, "/v1/things/7.png", ERR_OK, "/v1/things/{id}");
    expect(HTTP_GET, "/v1/things/.pdf", ERR_OK, "/v1/things/{id}");
    expect(HTTP_DELETE, "/v1/things/7.pdf", ERR_OK, "/v1/things/{id}");
    expect(HTTP_GET, "/v1/things/7.pdf/parts/8", ERR_OK, "/v1/things/{id}/parts/{part}");
}

static void finds_nothing(void **state)
{
    expect(HTTP_GET, "/v1", ERR_NOT_FOUND, "");
    expect(HTTP_GET, "/v1/things/", ERR_NOT_FOUND, "");
    expect(HTTP_GET, "//", ERR_NOT_FOUND, "");
    expect(HTTP_GET, "/v1/things/7/parts", ERR_NOT_FOUND, "");
    expect(HTTP_GET, "/v1/things//parts/8", ERR_NOT_FOUND, "");
    expect(HTTP_GET, "/v1/things/../x", ERR_NOT_FOUND, "");
}

static void names_the_methods_of_a_path(void **state)
{
    expect(HTTP_PUT, "/v1/things", ERR_METHOD_NOT_ALLOWED, "GET, HEAD, POST, OPTIONS");
    expect(HTTP_POST, "/v1/things/7", ERR_METHOD_NOT_ALLOWED, "GET, HEAD, DELETE, OPTIONS");
    expect(HTTP_METHODS, "/", ERR_METHOD_NOT_ALLOWED, "GET, HEAD, OPTIONS");
}

static void gives_the_parameters(void **state)
{
    struct request req = {.method = HTTP_GET, .path = "/v1/things/a b/parts/á"};
    const char *allow = NULL;
    arena_init(&req.arena);
    assert_int_equal(route_find(&req, &allow), ERR_OK);
    assert_string_equal(req.params[0], "a b");
    assert_string_equal(req.params[1], "á");
    assert_null(req.params[2]);
    struct request file = {.method = HTTP_GET, .path = "/v1/things/a.b.pdf"};
    arena_init(&file.arena);
    assert_int_equal(route_find(&file, &allow), ERR_OK);
    assert_string_equal(file.params[0], "a.b");
    arena_finish(&file.arena);
    arena_finish(&req.arena);
}

static void openapi_has_every_row(void **state)
{
    json_t *document = route_openapi("/");
    assert_non_null(document);
    json_t *paths = json_object_get(document, "paths");
    assert_int_equal(json_object_size(paths), 8);
    json_t *item = json_object_get(paths, "/v1/things/{id}");
    assert_non_null(json_object_get(item, "delete"));
    json_t *parameters = json_object_get(json_object_get(item, "get"), "parameters");
    assert_string_equal(json_string_value(json_object_get(json_array_get(parameters, 0), "name")),
                        "id");
    json_t *post = json_object_get(json_object_get(paths, "/v1/things"), "post");
    assert_non_null(json_object_get(post, "security"));
    assert_non_null(json_object_get(json_object_get(post, "responses"), "403"));
    assert_non_null(json_object_get(document, "components"));
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),
        cmocka_unit_test(goes_back_from_a_literal_that_does_not_fit),
        cmocka_unit_test(finds_nothing),
        cmocka_unit_test(names_the_methods_of_a_path),
        cmocka_unit_test(gives_the_parameters),
        cmocka_unit_test(openapi_has_every_row),
    };
    route_add(table);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
