// Addresses of printers: what is taken, what is refused.
#include "printing/print_uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void taken(void **state)
{
    static const struct {
        const char *text;
        enum print_scheme scheme;
        const char *host;
        int port;
        const char *path;
    } good[] = {
        {"ipp://printer.local/ipp/print", PRINT_IPP, "printer.local", 631, "/ipp/print"},
        {"ipps://10.0.0.7:8443/printers/nhan_2", PRINT_IPPS, "10.0.0.7", 8443, "/printers/nhan_2"},
        {"ipp://cups", PRINT_IPP, "cups", 631, "/"},
        {"socket://10.0.0.8", PRINT_SOCKET, "10.0.0.8", 9100, "/"},
        {"socket://[fe80::1]:9101/", PRINT_SOCKET, "fe80::1", 9101, "/"},
    };
    (void)state;
    for (size_t i = 0; i < countof(good); i++) {
        struct print_uri uri;
        assert_true(print_uri_read(good[i].text, &uri));
        assert_int_equal(uri.scheme, good[i].scheme);
        assert_string_equal(uri.host, good[i].host);
        assert_int_equal(uri.port, good[i].port);
        assert_string_equal(uri.path, good[i].path);
        assert_string_equal(uri.text, good[i].text);
    }
}

static void refused(void **state)
{
    static const char *const bad[] = {
        "",
        "ipp:",
        "ipp://",
        "http://printer/",
        "file:///etc/passwd",
        "IPP://printer/",
        "ipp://user@printer/",
        "ipp://user:secret@printer/",
        "ipp://printer/?a=b",
        "ipp://printer/#a",
        "ipp://printer/a b",
        "ipp://printer\n/",
        "ipp://-printer/",
        "ipp://printer./",
        "ipp://pr inter/",
        "ipp://printer:0/",
        "ipp://printer:65536/",
        "ipp://printer:/",
        "ipp://printer:631x/",
        "ipp://printer:000631/",
        "ipp://[fe80::1/",
        "ipp://[printer]/",
        "ipp://[]/",
        "ipp://printer[",
        "socket://printer/path",
        "socket://printer:9100//",
    };
    (void)state;
    for (size_t i = 0; i < countof(bad); i++) {
        struct print_uri uri;
        if (print_uri_read(bad[i], &uri))
            fail_msg("%s was taken", bad[i]);
    }
}

static void too_long(void **state)
{
    char text[400] = "ipp://";
    struct print_uri uri;
    (void)state;
    memset(text + 6, 'a', 260);
    assert_false(print_uri_read(text, &uri));
    memcpy(text, "ipp://a/", 8);
    memset(text + 8, 'b', 200);
    text[208] = '\0';
    assert_false(print_uri_read(text, &uri));
    text[207] = '\0';
    assert_true(print_uri_read(text, &uri));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken),
        cmocka_unit_test(refused),
        cmocka_unit_test(too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
