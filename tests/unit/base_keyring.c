// A ring of signing keys, its file, and a service beside it that reads what was added.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/keyring.h"
#include "base/keyring_text.h"

static const int64_t second = 1000000;

static struct {
    char folder[32], state[64], path[128];
} place;

static int place_make(void **state)
{
    struct keyring keys;
    snprintf(place.folder, sizeof place.folder, "/tmp/base-keyring-XXXXXX");
    if (!mkdtemp(place.folder))
        return -1;
    snprintf(place.state, sizeof place.state, "%s/state", place.folder);
    snprintf(place.path, sizeof place.path, "%s/keys/label.key", place.state);
    if (!keyring_load(&keys, place.state, "label"))
        return -1;
    keyring_finish(&keys);
    return 0;
}

static int place_drop(void **state)
{
    char path[128];
    unlink(place.path);
    snprintf(path, sizeof path, "%s/keys", place.state);
    rmdir(path);
    rmdir(place.state);
    return rmdir(place.folder);
}

static void add_line(const char *line)
{
    FILE *file = fopen(place.path, "a");
    assert_non_null(file);
    fputs(line, file);
    fclose(file);
}

static uint16_t new_key(int64_t signs_from)
{
    struct keyring keys;
    assert_true(keyring_new(&keys, place.state, "label", signs_from));
    uint16_t id = keys.list[keys.count - 1].id;
    keyring_finish(&keys);
    return id;
}

static bool took_back(uint16_t id)
{
    struct keyring keys;
    bool done = keyring_revoke(&keys, place.state, "label", id);
    keyring_finish(&keys);
    return done;
}

static uint16_t signing(void)
{
    struct keyring keys;
    assert_true(keyring_look(&keys, place.state, "label"));
    uint16_t id = keyring_signing(&keys)->id;
    keyring_finish(&keys);
    return id;
}

// --- which key signs -----------------------------------------------------------------------------

static uint16_t add(struct keyring *keys, uint8_t first, int64_t made_at)
{
    uint8_t seed[SIGN_KEY_SEED] = {first};
    assert_true(keyring_add(keys, seed, made_at));
    return keys->list[keys->count - 1].id;
}

static void test_the_newest_whose_time_has_come_signs(void **state)
{
    struct keyring keys = {0};
    int64_t now = clock_now();
    (void)state;
    assert_null(keyring_signing(&keys));
    uint16_t far = add(&keys, 1, now + 90 * second), near = add(&keys, 2, now + 60 * second);
    assert_int_equal(keyring_signing(&keys)->id, near); // a clock that was set back
    uint16_t later = add(&keys, 3, now - 10 * second);
    add(&keys, 4, now - 20 * second);
    assert_int_equal(keyring_signing(&keys)->id, later); // in whatever order they stand
    uint16_t twin = add(&keys, 5, now - 10 * second);
    assert_int_equal(keyring_signing(&keys)->id, twin);
    keys.list[4].revoked_at = now;
    assert_int_equal(keyring_signing(&keys)->id, later);
    assert_int_not_equal(far, near);
}

// One that was made for later signs when its time comes, whatever was made or revoked meanwhile.
static void test_a_key_for_later_signs_when_its_time_comes(void **state)
{
    (void)state;
    int64_t when = clock_now() + second;
    uint16_t later = new_key(when), meanwhile = new_key(clock_now());
    assert_int_equal(signing(), meanwhile);
    assert_true(took_back(meanwhile));
    uint16_t instead = signing();
    assert_int_not_equal(instead, later);
    assert_int_not_equal(instead, meanwhile);
    while (clock_now() < when)
        usleep(20000);
    assert_int_equal(signing(), later);
}

// --- the file ------------------------------------------------------------------------------------

// Torn by a crash or half read, "17…" may be any time; what stands there is written over.
static void test_a_revocation_without_its_end_does_not_count(void **state)
{
    char line[64];
    struct keyring keys;
    uint16_t first = signing(), next = new_key(1);
    (void)state;
    snprintf(line, sizeof line, "%04x revoked 17", first);
    add_line(line);
    assert_true(keyring_look(&keys, place.state, "label"));
    assert_int_equal(keyring_find(&keys, first)->revoked_at, 0);
    keyring_finish(&keys);
    assert_true(took_back(next));
    assert_true(keyring_look(&keys, place.state, "label"));
    assert_int_equal(keyring_find(&keys, first)->revoked_at, 0);
    assert_true(keyring_find(&keys, next)->revoked_at > 17);
    keyring_finish(&keys);
}

// The last places are for what takes the place of a revoked key; when those are gone an older one
// signs, as long as there is one.
static void test_a_full_ring(void **state)
{
    struct keyring keys;
    int made = 1;
    uint16_t signs;
    (void)state;
    while (made < KEYRING_MAX && keyring_new(&keys, place.state, "label", 1)) {
        keyring_finish(&keys);
        made++;
    }
    assert_int_equal(made, KEYRING_MAX - KEYRING_SPARE);
    for (int i = 0; i < KEYRING_SPARE; i++) {
        signs = signing();
        assert_true(keyring_revoke(&keys, place.state, "label", signs));
        assert_int_equal(keys.count, made + i + 1);
        assert_ptr_equal(keyring_signing(&keys), &keys.list[made + i]);
        keyring_finish(&keys);
    }
    for (int left = made; left > 1; left--) {
        signs = signing();
        assert_true(took_back(signs));
        assert_int_not_equal(signing(), signs);
    }
    signs = signing();
    assert_false(took_back(signs)); // none would sign for it
    assert_int_equal(signing(), signs);
}

static void test_a_file_that_would_be_too_long_is_left_alone(void **state)
{
    static char remark[KEYRING_TEXT - 100];
    struct keyring keys;
    struct stat before, then;
    (void)state;
    memset(remark, '#', sizeof remark - 2);
    remark[sizeof remark - 2] = '\n';
    add_line(remark);
    uint16_t signs = signing();
    assert_int_equal(stat(place.path, &before), 0);
    assert_false(keyring_new(&keys, place.state, "label", 1));
    assert_false(took_back(signs));
    assert_int_equal(stat(place.path, &then), 0);
    assert_int_equal(before.st_size, then.st_size);
    assert_int_equal(signing(), signs);
}

static void *new_key_beside(void *arg)
{
    struct keyring keys;
    bool *done = arg;
    *done = keyring_new(&keys, place.state, "label", 1);
    keyring_finish(&keys);
    return NULL;
}

static void copy_in_its_place(void)
{
    char text[KEYRING_TEXT], fresh[160];
    int old = open(place.path, O_RDONLY);
    ssize_t len = read(old, text, sizeof text);
    snprintf(fresh, sizeof fresh, "%s.new", place.path);
    int file = open(fresh, O_WRONLY | O_CREAT, 0600);
    assert_true(len > 0 && write(file, text, (size_t)len) == len);
    close(old);
    close(file);
    assert_int_equal(rename(fresh, place.path), 0);
}

// Somebody puts another file in its place while we wait for the lock of the old one.
static void test_what_is_written_goes_into_the_file_of_that_name(void **state)
{
    struct keyring keys;
    pthread_t beside;
    bool done = false;
    (void)state;
    int held = open(place.path, O_RDWR);
    assert_int_equal(flock(held, LOCK_EX), 0);
    assert_int_equal(pthread_create(&beside, NULL, new_key_beside, &done), 0);
    usleep(200000);
    copy_in_its_place();
    close(held);
    pthread_join(beside, NULL);
    assert_true(done);
    assert_true(keyring_look(&keys, place.state, "label"));
    assert_int_equal(keys.count, 2);
    keyring_finish(&keys);
}

// --- a running service ---------------------------------------------------------------------------

// A service without a standard input must not hold the ring as file 0, which is none.
static void test_the_file_is_never_a_standard_one(void **state)
{
    struct keyring keys;
    int input = dup(0);
    (void)state;
    close(0);
    bool good = keyring_load(&keys, place.state, "label");
    int file = keys.file;
    keyring_finish(&keys);
    bool closed = fcntl(file, F_GETFD) == -1;
    dup2(input, 0);
    close(input);
    assert_true(good);
    assert_true(file > 2);
    assert_true(closed);
}

static struct keyring running;
static atomic_bool over, none_signed;

static void *sign_on_and_on(void *arg)
{
    while (!over) {
        if (!keyring_signing(&running))
            none_signed = true;
    }
    return arg;
}

static void test_there_is_always_one_that_signs(void **state)
{
    pthread_t signer;
    (void)state;
    assert_true(keyring_load(&running, place.state, "label"));
    keyring_publish("label", &running);
    over = none_signed = false;
    assert_int_equal(pthread_create(&signer, NULL, sign_on_and_on, NULL), 0);
    for (int i = 0; i < KEYRING_MAX - 1; i++) {
        assert_true(took_back(signing()));
        keyrings_refresh(place.state);
    }
    over = true;
    pthread_join(signer, NULL);
    assert_int_equal(running.count, KEYRING_MAX);
    assert_false(none_signed);
    keyring_finish(&running);
}

// Anybody may name keys that are none: the files are not looked at for each.
static void test_a_strange_key_looks_seldom(void **state)
{
    (void)state;
    assert_true(keyring_load(&running, place.state, "label"));
    keyring_publish("label", &running);
    usleep(250000);
    uint16_t first = new_key(1);
    keyrings_look_again(place.state);
    assert_non_null(keyring_find(&running, first));
    uint16_t next = new_key(1);
    keyrings_look_again(place.state);
    assert_null(keyring_find(&running, next));
    usleep(250000);
    keyrings_look_again(place.state);
    assert_non_null(keyring_find(&running, next));
    keyring_finish(&running);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, place_make, place_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_whose_time_has_come_signs),
        PLACED(test_a_key_for_later_signs_when_its_time_comes),
        PLACED(test_a_revocation_without_its_end_does_not_count),
        PLACED(test_a_full_ring),
        PLACED(test_a_file_that_would_be_too_long_is_left_alone),
        PLACED(test_what_is_written_goes_into_the_file_of_that_name),
        PLACED(test_the_file_is_never_a_standard_one),
        PLACED(test_there_is_always_one_that_signs),
        PLACED(test_a_strange_key_looks_seldom),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
