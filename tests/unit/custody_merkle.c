#include "custody/merkle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

// The eight leaves and the roots of their first n, as published with the RFC's reference code.
static const struct {
    const char *data;
    size_t len;
    const char *root;
} vectors[] = {
    {"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
     "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

enum { LEAVES = 200 };

struct leaves {
    struct merkle_hash list[LEAVES];
};

static void hex(struct merkle_hash hash, char out[65])
{
    for (int i = 0; i < MERKLE_HASH; i++)
        snprintf(out + 2 * i, 3, "%02x", hash.bytes[i]);
}

static bool from_leaves(void *arg, int level, uint64_t index, struct merkle_hash *out)
{
    const struct leaves *leaves = arg;
    struct merkle_hash right;
    if (((index + 1) << level) > LEAVES)
        return false;
    if (level == 0) {
        *out = leaves->list[index];
        return true;
    }
    if (!from_leaves(arg, level - 1, 2 * index, out) ||
        !from_leaves(arg, level - 1, 2 * index + 1, &right))
        return false;
    *out = merkle_node(*out, right);
    return true;
}

static struct merkle_hash root_of(const struct leaves *leaves, uint64_t size)
{
    struct merkle_edge edge = {0};
    for (uint64_t i = 0; i < size; i++)
        merkle_append(&edge, leaves->list[i]);
    return merkle_root(&edge);
}

static struct leaves numbered(void)
{
    struct leaves leaves;
    for (int i = 0; i < LEAVES; i++)
        leaves.list[i] = merkle_leaf(&i, sizeof i);
    return leaves;
}

static void test_published_roots(void **state)
{
    (void)state;
    struct merkle_edge edge = {0};
    char text[65];
    hex(merkle_root(&edge), text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < countof(vectors); i++) {
        merkle_append(&edge, merkle_leaf(vectors[i].data, vectors[i].len));
        hex(merkle_root(&edge), text);
        assert_string_equal(text, vectors[i].root);
    }
}

static void test_every_inclusion(void **state)
{
    (void)state;
    struct leaves leaves = numbered();
    struct merkle_proof proof;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        struct merkle_hash root = root_of(&leaves, size);
        for (uint64_t index = 0; index < size; index++) {
            assert_true(merkle_prove_inclusion(from_leaves, &leaves, index, size, &proof));
            assert_true(merkle_check_inclusion(leaves.list[index], index, size, &proof, root));
            assert_false(merkle_check_inclusion(leaves.list[(index + 1) % LEAVES], index, size,
                                                &proof, root));
            if (size > 1)
                assert_false(
                    merkle_check_inclusion(leaves.list[index], index ^ 1, size, &proof, root));
        }
        assert_false(merkle_prove_inclusion(from_leaves, &leaves, size, size, &proof));
    }
}

static void test_every_consistency(void **state)
{
    (void)state;
    struct leaves leaves = numbered();
    struct merkle_proof proof;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        struct merkle_hash root = root_of(&leaves, size);
        for (uint64_t old = 1; old <= size; old++) {
            struct merkle_hash old_root = root_of(&leaves, old);
            assert_true(merkle_prove_consistency(from_leaves, &leaves, old, size, &proof));
            assert_true(merkle_check_consistency(old, old_root, size, root, &proof));
            old_root.bytes[0] ^= 1;
            assert_false(merkle_check_consistency(old, old_root, size, root, &proof));
        }
    }
}

static void test_changed_proof(void **state)
{
    (void)state;
    struct leaves leaves = numbered();
    struct merkle_hash root = root_of(&leaves, 150), old_root = root_of(&leaves, 77);
    struct merkle_proof good, bad;
    assert_true(merkle_prove_inclusion(from_leaves, &leaves, 42, 150, &good));
    for (int i = 0; i < good.count; i++) {
        bad = good;
        bad.list[i].bytes[31] ^= 0x80;
        assert_false(merkle_check_inclusion(leaves.list[42], 42, 150, &bad, root));
    }
    bad = good;
    bad.count--;
    assert_false(merkle_check_inclusion(leaves.list[42], 42, 150, &bad, root));
    assert_true(merkle_prove_consistency(from_leaves, &leaves, 77, 150, &good));
    for (int i = 0; i < good.count; i++) {
        bad = good;
        bad.list[i].bytes[0] ^= 1;
        assert_false(merkle_check_consistency(77, old_root, 150, root, &bad));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_roots),
        cmocka_unit_test(test_every_inclusion),
        cmocka_unit_test(test_every_consistency),
        cmocka_unit_test(test_changed_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
