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

// The proofs over those leaves, as published with the reference implementation of Certificate
// Transparency. index: of the leaf, from 0; old: size of the older tree.
static const struct {
    uint64_t index, size;
    const char *proof[4];
} inclusions[] = {
    {0, 1, {NULL}},
    {0,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {5,
     8,
     {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2, 3, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
    {1,
     5,
     {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
};

static const struct {
    uint64_t old, size;
    const char *proof[4];
} consistencies[] = {
    {1, 1, {NULL}},
    {1,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {6,
     8,
     {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {2,
     5,
     {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
    {6,
     7,
     {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
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

static struct leaves published(void)
{
    struct leaves leaves = {0};
    for (size_t i = 0; i < countof(vectors); i++)
        leaves.list[i] = merkle_leaf(vectors[i].data, vectors[i].len);
    return leaves;
}

static void assert_proof(const struct merkle_proof *proof, const char *const wanted[4])
{
    char text[65];
    int count = 0;
    for (; wanted[count]; count++) {
        assert_in_range(count, 0, proof->count - 1);
        hex(proof->list[count], text);
        assert_string_equal(text, wanted[count]);
    }
    assert_int_equal(proof->count, count);
}

static void test_published_inclusions(void **state)
{
    (void)state;
    struct leaves leaves = published();
    struct merkle_proof proof;
    for (size_t i = 0; i < countof(inclusions); i++) {
        uint64_t index = inclusions[i].index, size = inclusions[i].size;
        assert_true(merkle_prove_inclusion(from_leaves, &leaves, index, size, &proof));
        assert_proof(&proof, inclusions[i].proof);
        assert_true(merkle_check_inclusion(leaves.list[index], index, size, &proof,
                                           root_of(&leaves, size)));
    }
}

static void test_published_consistencies(void **state)
{
    (void)state;
    struct leaves leaves = published();
    struct merkle_proof proof;
    for (size_t i = 0; i < countof(consistencies); i++) {
        uint64_t old = consistencies[i].old, size = consistencies[i].size;
        assert_true(merkle_prove_consistency(from_leaves, &leaves, old, size, &proof));
        assert_proof(&proof, consistencies[i].proof);
        assert_true(merkle_check_consistency(old, root_of(&leaves, old), size,
                                             root_of(&leaves, size), &proof));
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
        cmocka_unit_test(test_published_roots),         cmocka_unit_test(test_published_inclusions),
        cmocka_unit_test(test_published_consistencies), cmocka_unit_test(test_every_inclusion),
        cmocka_unit_test(test_every_consistency),       cmocka_unit_test(test_changed_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
