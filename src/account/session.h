#pragma once
#include "account/account.h"

// Who asks: from cookie or Authorization to req->who, by way of what the loop has seen lately.

// Becomes the authenticator (http/auth.h); what account_capability is made of.
must_check bool session_setup(void);
must_check bool session_open(struct app_loop *app);
void session_close(struct app_loop *app);

// The cookie's name depends on whether the browser came by https.
const char *session_cookie_name(struct request *req);
void session_cookie_set(struct request *req, const char *token);
void session_cookie_clear(struct request *req);
// This loop forgets at once; the others are told by the database.
void session_forget(struct request *req);
