#pragma once
#include "http/capability.h"
#include "label/code.h"
#include "label/dispatch_note.h"
#include "label/form.h"
#include "label/handover_list.h"
#include "label/label_values.h"
#include "label/render.h"
#include "label/sheet.h"
#include "label/test_page.h"

// Labels that scan: QR and Code 128, templates drawn to PDF, PNG and SVG, codes that prove
// themselves. How a template is drawn stands in label/template.h, what a code says in label/code.h,
// what stands on a label in label/facts.h.
//
// GET /v1/labels/{number}.{pdf,png,svg,zpl,tspl,escpos} draws the shipment's current copy and
// records nothing.
// POST /v1/labels/batch takes up to 10,000 numbers; GET /v1/labels/batches/{id}.{pdf,…} draws them
// as one stream, in the memory of a few (label/batch.h), and records as little. POST
// /v1/labels/print allocates the next copy of each shipment and records who printed it and why, and
// on which printer it is to come out. GET /v1/keys and POST /v1/verify let anybody check a code;
// /S/{code}, which is what the signed QR holds, leads a telephone's camera to the tracking page.
//
// Whoever sends a label to a printer reads its values (label_values.h), and draws it (render.h) or
// the printer's test page (test_page.h) in the printer's language.

extern const struct capability label_capability;

// Keys of conf.state_dir and the templates of labels/. Once, before anything below; says why on
// failure. The capability's set-up calls it, a command line does so itself.
must_check bool label_setup(void);
void label_finish(void);

// Reads and verifies a scanned signed code (label/code.h) with the service's keys: the bare 128
// characters or any link that ends in /S/ and them. ERR_OK, ERR_BAD_CODE, ERR_BAD_SIGNATURE, or
// ERR_REVOKED_KEY with what was signed. A key that another instance made just now is looked for.
// Thread-safe.
must_check enum err label_code_read(const char *text, struct label_code *out);
const struct keyring *label_keys(void);
// A QR code alone, as a picture that scales. False for what is not in upper case letters, figures
// and $%*+-./: or too long.
must_check bool label_qr_svg(const char *text, struct buf *out);
// Papers of other capabilities are sheets (label/sheet.h): their template by its name, never NULL.
// That of a form (label/form.h) comes from a table: label_template_named.
const struct label_template *label_sheet(const char *name);
// Ends the request with a paper, drawn by the crew, as a PDF to look at: never cached.
struct label_paper {
    const char *name; // of the template
    const char *file; // what it is saved as, without .pdf
    const struct sheet *sheet;
    json_t *facts; // what the sheet's texts stand in; taken
};
void label_paper_reply(struct request *req, const struct label_paper *paper);
// Ends the request with a form (label/form.h), which the crew makes and draws: on a thread of its
// own `make` gives its document (a new reference), with the members template and file, what it is
// saved as; what it takes from `arena` lives as long. NULL: it cannot, and has logged why. `arg`
// lives as long as the request and is not touched meanwhile.
typedef json_t *label_form_make(struct arena *arena, void *arg);
void label_form_reply(struct request *req, label_form_make *make, void *arg);
