#pragma once
#include <libxml/tree.h>

#include "label/style.h"
#include "label/template.h"

// Shared by the files that parse a template; nobody else's.

struct label_parser {
    struct label_template *t;
    struct label_fault *fault;
    const xmlNode *root;
    int nodes, depth;
    bool number, code; // seen
};

#define template_wrong(p, node, ...) \
    (label_fault_set((p)->fault, (int)xmlGetLineNo(node), __VA_ARGS__), false)

// The caller has made sure that there is room.
struct label_op *template_op(struct label_parser *p, enum label_op_kind kind,
                             const struct svg_colour *colour);
// Lengths of attributes; 0 where absent.
must_check bool template_lengths(struct label_parser *p, const xmlNode *node,
                                 const char *const *names, double *values, int count);

must_check bool template_shape(struct label_parser *p, const xmlNode *node, const char *name,
                               const struct svg_style *style);
must_check bool template_code(struct label_parser *p, const xmlNode *node,
                              const struct svg_style *style, enum label_code_kind code);
must_check bool template_text(struct label_parser *p, const xmlNode *node,
                              const struct svg_style *style);
