#pragma once
#include <stdbool.h>

#include "base/compiler.h"
#include "http/capability.h"

// Files that people send: pictures and papers. They come in parts, each sealed as it comes
// (base/seal.h), and are looked at once whole: a file is what its SHA-256 says, and a picture or
// paper by its content. Events name a file by its ref; erasing a dossier destroys its files.
//
// Routes: POST /v1/attachments, GET /v1/attachments/{id}.

extern const struct capability attachment_capability;

// The ref of a file: a digest of its SHA-256 (64 hex digits, lower case) that only this service can
// make. False when that is no SHA-256.
enum { ATTACHMENT_REF = 65 };
must_check bool attachment_ref(const char *sha256, char ref[ATTACHMENT_REF]);
