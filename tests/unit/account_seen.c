#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "account/secret.h"
#include "account/seen.h"

static const uint8_t first[TOKEN_HASH] = {1, 2, 3}, same_place[TOKEN_HASH] = {1, 2, 4};
static const struct principal clerk = {
    .account = 7, .unit = 11, .roles = ROLE_CLERK, .login = "clerk", .name = "Mẫu"};

struct fixture {
    struct seen *seen;
    struct arena arena;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture.seen = seen_create();
    arena_init(&fixture.arena);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    seen_destroy(f->seen);
    arena_finish(&f->arena);
    return 0;
}

static bool find(struct fixture *f, const uint8_t hash[TOKEN_HASH], int64_t now,
                 struct principal *who)
{
    return seen_find(f->seen, hash, now, &f->arena, who);
}

static void remembers_until_its_time(void **state)
{
    struct fixture *f = *state;
    struct principal who;
    assert_false(find(f, first, 0, &who));
    seen_keep(f->seen, seen_generation(f->seen), first, &clerk, 100);
    assert_true(find(f, first, 99, &who));
    assert_int_equal(who.account, 7);
    assert_string_equal(who.name, "Mẫu");
    assert_null(who.unit_code);
    assert_false(find(f, first, 100, &who));
}

static void texts_outlive_the_entry(void **state)
{
    struct fixture *f = *state;
    struct principal who;
    seen_keep(f->seen, seen_generation(f->seen), first, &clerk, 100);
    assert_true(find(f, first, 0, &who));
    seen_forget(f->seen);
    assert_string_equal(who.login, "clerk");
    assert_false(find(f, first, 0, &who));
}

static void two_tokens_of_one_place_are_never_mixed_up(void **state)
{
    struct fixture *f = *state;
    struct principal who, other = clerk;
    other.account = 8;
    seen_keep(f->seen, seen_generation(f->seen), first, &clerk, 100);
    assert_false(find(f, same_place, 0, &who));
    seen_keep(f->seen, seen_generation(f->seen), same_place, &other, 100);
    assert_true(find(f, same_place, 0, &who));
    assert_int_equal(who.account, 8);
    assert_false(find(f, first, 0, &who));
}

// The question was on its way while a logout was told: the answer may be from before it.
static void an_answer_asked_before_a_logout_is_not_kept(void **state)
{
    struct fixture *f = *state;
    struct principal who;
    uint64_t asked = seen_generation(f->seen);
    seen_forget(f->seen);
    seen_keep(f->seen, asked, first, &clerk, 100);
    assert_false(find(f, first, 0, &who));
}

static void tokens_are_read_as_they_were_made(void **state)
{
    char token[TOKEN_TEXT], key[API_KEY_TEXT];
    uint8_t made[TOKEN_HASH], read[TOKEN_HASH];
    token_make(token, made);
    assert_true(token_read(token, read));
    assert_memory_equal(made, read, TOKEN_HASH);
    api_key_make(key, made);
    assert_int_equal(strncmp(key, "dpk_", 4), 0);
    assert_true(token_read(key, read));
    assert_memory_equal(made, read, TOKEN_HASH);
    token_make(token, read);
    assert_memory_not_equal(made, read, TOKEN_HASH);
}

static void odd_tokens_are_refused(void **state)
{
    static const char *const odd[] = {
        "",
        "dpk_",
        "AAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    uint8_t hash[TOKEN_HASH];
    for (size_t i = 0; i < countof(odd); i++)
        assert_false(token_read(odd[i], hash));
}

static void a_password_fits_its_own_hash_only(void **state)
{
    char hash[PASSWORD_HASH];
    assert_true(secret_start());
    assert_true(password_hash("mật khẩu dài", hash));
    assert_true(password_verify(hash, "mật khẩu dài"));
    assert_false(password_verify(hash, "mật khẩu dai"));
    assert_false(password_verify(NULL, "mật khẩu dài"));
    assert_false(password_verify("no hash at all", "mật khẩu dài"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(remembers_until_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_outlive_the_entry, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_tokens_of_one_place_are_never_mixed_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_answer_asked_before_a_logout_is_not_kept, set_up,
                                        tear_down),
        cmocka_unit_test(tokens_are_read_as_they_were_made),
        cmocka_unit_test(odd_tokens_are_refused),
        cmocka_unit_test(a_password_fits_its_own_hash_only),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
