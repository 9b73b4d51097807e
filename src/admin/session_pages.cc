#include "admin/session_pages.h"

#include "admin/context.h"
#include "admin/fields.h"
#include "admin/write_json.h"

namespace wasat::admin {
namespace {

constexpr std::size_t kShortestPassword = 8;
constexpr std::size_t kLongestPassword = 1024;

std::string cookie(std::string_view token, std::chrono::milliseconds age, bool over_tls) {
  std::string text(kCookie);
  text.append("=").append(token).append("; Path=/api/admin; HttpOnly; SameSite=Strict; Max-Age=");
  text += std::to_string(std::chrono::duration_cast<std::chrono::seconds>(age).count());
  if (over_tls) text += "; Secure";
  return text;
}

void write_session(json::Writer& writer, const Session& session, const Call& call) {
  writer.begin_object()
      .member("id", session.id)
      .member("address", session.address)
      .member("user_agent", session.user_agent);
  time_member(writer, "created", session.created);
  time_member(writer, "last_used", session.last_used);
  writer.member("current", call.session && call.session->id == session.id).end_object();
}

// What a client needs to go on: who it is, and the value that unsafe requests must show.
Reply session_reply(Context& context, const Call& call, const Session& session,
                    std::string_view token, bool tell_token) {
  const SessionLimits limits = context.options.get()->sessions;
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object();
  writer.key("session");
  write_session(writer, session, call);
  if (tell_token) writer.member("token", token);
  writer.member("csrf", context.sessions.csrf(token))
      .member("expires",
              iso_time(session.created + std::chrono::floor<std::chrono::milliseconds>(limits.age)))
      .member("idle_seconds",
              static_cast<std::int64_t>(
                  std::chrono::duration_cast<std::chrono::seconds>(limits.idle).count()))
      .member("password_fixed", context.password.is_fixed())
      .end_object();
  return reply;
}

// The throttle was asked before this came to the admin thread.
Answer login(Context& context, Call& call) {
  Fields fields(call.body);
  const auto password = fields.text("password", kLongestPassword);
  fields.require("password", password.has_value());
  // Programs get the token itself, to present it as a Bearer.
  const bool as_bearer = fields.boolean("bearer").value_or(false);
  if (const auto problem = fields.problem()) return refuse(*problem);
  if (!context.password.verify(*password)) {
    context.log.warn("a login to the admin API was refused", {{"address", call.address}});
    return refuse({.status = 401,
                   .code = "wrong_password",
                   .message = "the password is wrong",
                   .remedy = "it was shown at the first start, or is set by AUTH_TOKEN"});
  }
  context.throttle.succeeded(call.address);
  Sessions::Opened opened = context.sessions.open(call.address, call.user_agent);
  call.session = opened.session;
  call.target = opened.session.id;
  Reply reply = session_reply(context, call, opened.session, opened.token.reveal(), as_bearer);
  if (!as_bearer) {
    reply.headers.emplace_back(
        "Set-Cookie",
        cookie(opened.token.reveal(), context.options.get()->sessions.age, call.over_tls));
  }
  return reply;
}

// What ends must not come back with a restart.
Answer forget(Context& context, const std::vector<std::string>& ended) {
  std::vector<store::Change> changes;
  for (const std::string& id : ended) changes.emplace_back(store::RemoveSession{id});
  if (!changes.empty()) {
    if (Result<> written = context.store.write_and_wait(std::move(changes)); !written) {
      return refuse(refusal_of(written.error()));
    }
  }
  return no_content();
}

Answer logout(Context& context, Call& call) {
  call.target = call.session->id;
  Answer answer = forget(context, context.sessions.end(call.session->id));
  if (answer) {
    answer->headers.emplace_back("Set-Cookie",
                                 cookie("", std::chrono::milliseconds(0), call.over_tls));
  }
  return answer;
}

Answer show_session(Context& context, Call& call) {
  return session_reply(context, call, *call.session, call.session_token, false);
}

Answer list_sessions(Context& context, Call& call) {
  const std::vector<Session> sessions = context.sessions.list(context.options.get()->sessions);
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items").begin_array();
  for (const Session& session : sessions) write_session(writer, session, call);
  writer.end_array()
      .key("next")
      .null()
      .member("total", static_cast<std::int64_t>(sessions.size()))
      .end_object();
  return reply;
}

Answer end_session(Context& context, Call& call) {
  call.target = call.parameters[0];
  const std::vector<std::string> ended = context.sessions.end(call.parameters[0]);
  if (ended.empty()) return refuse(not_found("session", call.parameters[0]));
  return forget(context, ended);
}

Answer end_other_sessions(Context& context, Call& call) {
  return forget(context, context.sessions.end_all_but(call.session->id));
}

Answer change_password(Context& context, Call& call) {
  Fields fields(call.body);
  const auto current = fields.text("current", kLongestPassword);
  const auto wanted = fields.text("new", kLongestPassword);
  fields.require("current", current.has_value());
  fields.require("new", wanted.has_value());
  if (wanted && wanted->size() < kShortestPassword) {
    fields.wrong("new", "the new password has fewer than 8 bytes");
  }
  if (const auto problem = fields.problem()) return refuse(*problem);
  if (context.password.is_fixed()) {
    return refuse(conflict("the password is fixed by AUTH_TOKEN or a flag",
                           "change it there, or unset it to keep the password here"));
  }
  // Whoever sits down at an open session must not guess on without end.
  if (const auto wait = context.throttle.begin(call.address)) {
    return refuse({.status = 429,
                   .code = "too_many_tries",
                   .message = "too many wrong passwords came from this address",
                   .retry_after = wait});
  }
  if (!context.password.verify(*current)) {
    return refuse({.status = 403,
                   .code = "wrong_password",
                   .message = "the current password is wrong",
                   .field = "current"});
  }
  context.throttle.succeeded(call.address);
  std::string hash = account::hash_password(*wanted);
  std::vector<store::Change> changes;
  changes.emplace_back(store::SetAdminPassword{hash, store::to_time(context.clock.wall())});
  for (const Session& session : context.sessions.list(context.options.get()->sessions)) {
    if (session.id != call.session->id) changes.emplace_back(store::RemoveSession{session.id});
  }
  if (Result<> written = context.store.write_and_wait(std::move(changes)); !written) {
    return refuse(refusal_of(written.error()));
  }
  context.password.replace(std::move(hash));
  context.sessions.end_all_but(call.session->id);
  return no_content();
}

constexpr Route kRoutes[] = {
    {.method = "POST",
     .path = "/login",
     .action = "session.login",
     .handle = login,
     .needs = Needs::kNothing,
     .most_body = 8 * 1024},
    {.method = "POST", .path = "/logout", .action = "session.logout", .handle = logout},
    {.method = "GET", .path = "/session", .handle = show_session},
    {.method = "GET", .path = "/sessions", .handle = list_sessions},
    {.method = "DELETE",
     .path = "/sessions",
     .action = "session.end_others",
     .handle = end_other_sessions},
    {.method = "DELETE", .path = "/sessions/{id}", .action = "session.end", .handle = end_session},
    {.method = "POST", .path = "/password", .action = "password.change", .handle = change_password},
};

}  // namespace

std::span<const Route> session_routes() { return kRoutes; }

std::string session_cookie(std::string_view header) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(kCookie) && pair.substr(kCookie.size()).starts_with('=')) {
      return std::string(pair.substr(kCookie.size() + 1));
    }
  }
  return {};
}

}  // namespace wasat::admin
