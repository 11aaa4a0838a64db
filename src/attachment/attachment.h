#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "http/capability.h"

// Files that people send: pictures and papers of a delivery, documents of a dossier or of a draft
// that is to become one, and results. They come in parts, each sealed as it comes (base/seal.h),
// and are looked at once whole: a file is what its SHA-256 says, and a picture or paper by its
// content (picture.h, libmagic), and a PDF has nothing that runs, hides or is locked (pdf.h). They
// go out as they came, a part at a time, as files to be kept and never as a page of ours. Events
// name a file by its ref; erasing a dossier destroys its files. Nothing is searched for viruses.
//
// Who may send and read what is said in migrations/0009h_attachment*.sql alone.
//
// Routes: POST and GET /v1/attachments, GET and DELETE /v1/attachments/{id}.

extern const struct capability attachment_capability;

// The ref of a file: a digest of its SHA-256 (64 hex digits, lower case) that only this service can
// make. False when that is no SHA-256.
enum { ATTACHMENT_REF = 65 };
must_check bool attachment_ref(const char *sha256, char ref[ATTACHMENT_REF]);

// Ends the request with the whole file, part by part, for whoever was allowed to read it before.
// media: its type; name: of the file to be kept, ASCII without quotes. A part that is damaged is
// told, or breaks the reply off when some of it has gone.
void attachment_send(struct request *req, const uint8_t id[16], const char *media,
                     const char *name);

// The files of a draft for whoever prepares it (online/), once req->who is its owner: the same as
// the routes above. Of the first `draft` and `procedure` come from the caller, of the others the
// file is the path's last parameter.
extern const struct json_field attachment_draft_query[];
enum { ATTACHMENT_PART_MAX = 262144 };
void attachment_draft_put(struct request *req, const char *draft, const char *procedure);
void attachment_draft_get(struct request *req, const char *file);
void attachment_draft_drop(struct request *req, const char *file);
