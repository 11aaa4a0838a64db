#pragma once
#include "http/request.h"

// The server does not know what an account is: the program hands it an authenticator, which looks
// at cookie or Authorization, fills req->who and calls auth_done once, at once when a cache can
// answer. Roles are then checked against the route, and a write by cookie must carry X-Dossierpost;
// a form must not come from a page of another site.

typedef void auth_check(struct request *req);

void auth_use(auth_check *check);
// ERR_OK (also for nobody) or ERR_UNAUTHENTICATED when credentials were given but are not good.
void auth_done(struct request *req, enum err err);
