#pragma once
#include "http/capability.h"

// Filing on line (levels 3 and 4): what an applicant types is a draft that survives a closed
// browser and a restart, until it is filed as a dossier or its time (conf.online_days) is over;
// then it goes with its files. Rules and storage: migrations/0015*.
//
// Whose a draft is: the account that began it; without an account whoever holds its secret. That is
// 32 random bytes which the applicant's device makes, keeps (in its storage, and behind # in the
// address, so that another device can go on) and sends in the header X-Draft-Key. The service makes
// none and keeps a digest that only it can make: a lost reply loses no draft, nothing that opens
// one lies in the database, in a log or in a cookie, and a page of another site can neither read it
// nor send that header. A draft that is unknown, foreign or over is not found, alike.
//
// Drafts without an account, saves and parts of files have allowances (conf.online_drafts, _rate,
// _burst), counted in the database for all instances: past them 429 with Retry-After. What was
// filed stays with whoever filed it until the dossier has ended: its charges, its pick-up, and
// that dossier's steps.
//
// Routes: /v1/drafts…, /v1/pickups….
extern const struct capability online_capability;
// The visits of couriers that were asked for with it.
extern const struct capability pickup_capability;
