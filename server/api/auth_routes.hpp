// /api/auth/{login,refresh,logout,me,ticket}. Programs carry the refresh token in bodies; the web app asks for the cookie form
// (header "X-Syncline-App: 1", or "cookie": true in the body), where scripts never see it (SEMANTICS 35).
#pragma once

#include "server/api/write_routes.hpp"

namespace syncline::server::api {

void login(const ServicePtr& service, const CallPtr& call);
void refresh(const ServicePtr& service, const CallPtr& call);
// REQUIRES (these three): the call's identity is known.
void logout(const ServicePtr& service, const CallPtr& call);
void show_me(const ServicePtr& service, const CallPtr& call);
void issue_ticket(const ServicePtr& service, const CallPtr& call);

}  // namespace syncline::server::api
