//! Every code there is, with who reacts how: the shell's own, and those of the domains.

use kernel::Kind;

use super::status_of;
use crate::Api;

/// A code with its status and what to do about it.
#[derive(Debug, Clone, Copy)]
pub struct CodeNote {
    /// The stable code, `area.reason`.
    pub code: &'static str,
    /// The status it comes with.
    pub status: u16,
    /// What it means and who reacts how.
    pub note: &'static str,
}

const fn note(status: u16, code: &'static str, note: &'static str) -> CodeNote {
    CodeNote { code, status, note }
}

impl Api {
    /// Every code of the shell and the domains, by status and name.
    pub fn codes(&self) -> Vec<CodeNote> {
        // What is missing is always answered with the shell's own code.
        let domains = self.domains.iter().flat_map(|domain| domain.codes.concat());
        let domains = domains.filter(|own| own.kind != Kind::Missing);
        let domains = domains.map(|own| note(status_of(own.kind).as_u16(), own.code, own.note));
        let mut codes: Vec<CodeNote> = CODES.iter().copied().chain(domains).collect();
        codes.sort_by_key(|code| (code.status, code.code));
        codes
    }

    /// `docs/errors.md`: the same for readers of the repository.
    pub fn errors_page(&self) -> String {
        let rows = self
            .codes()
            .into_iter()
            .map(|CodeNote { code, status, note }| format!("| `{code}` | {status} | {note} |\n"));
        format!("{PAGE_HEAD}{}", rows.collect::<String>())
    }
}

const PAGE_HEAD: &str = "\
# Errors

Every error is a problem document (RFC 9457, `application/problem+json`). Programs act on its `code`, which never
changes; people read its `detail`; whoever asks for help quotes its `request_id`. The running server shows this table at
`/docs/errors`.

This page is generated: `UPDATE_DOCS=1 cargo test -p touchstone errors_page` writes it anew.

| code | status | what it means and who reacts how |
|---|---|---|
";

/// The codes of the shell itself.
const CODES: &[CodeNote] = &[
    note(400, "request.malformed", "The request cannot be read; a defect of the client."),
    note(
        400,
        "request.malformed_json",
        "The body is no JSON, or nested deeper than 32; the detail names line and column.",
    ),
    note(
        400,
        "request.if_match_malformed",
        "If-Match takes one strong entity tag, as the ETag of the last answer gave it.",
    ),
    note(
        400,
        "request.idempotency_key_malformed",
        "Idempotency-Key takes 1 to 255 visible ASCII characters.",
    ),
    note(400, "request.idempotency_key_required", "This call moves money: send an Idempotency-Key."),
    note(400, "request.refused", "The request was refused before anyone read it; a defect of the client."),
    note(401, "request.unauthenticated", "No token was sent; sign in."),
    note(403, "request.forbidden", "Not allowed."),
    note(404, "request.not_found", "Not there, or not for you to see."),
    note(404, "request.unknown_path", "No call has this path; a defect of the client."),
    note(405, "request.method_not_allowed", "The path has other methods; see the header Allow."),
    note(406, "request.not_acceptable", "The answer cannot be given in a form the request allows."),
    note(408, "request.too_slow", "The body took too long to arrive; send it again."),
    note(409, "request.duplicate", "It exists already."),
    note(
        409,
        "request.idempotency_running",
        "The request with this Idempotency-Key is still running; try again after Retry-After.",
    ),
    note(412, "request.stale", "It was changed since it was read; read it again and repeat the change."),
    note(413, "request.body_too_large", "The body is larger than the call takes."),
    note(415, "request.unsupported_media_type", "The call takes another media type; the detail names it."),
    note(
        416,
        "request.range_not_satisfiable",
        "The file ends before the range begins; ask for its size first.",
    ),
    note(417, "request.expectation_failed", "The Expect header asks for what this server does not do."),
    note(422, "request.invalid", "The input breaks a rule; errors names every place."),
    note(422, "request.limit_out_of_range", "A page has 1 to 100 items."),
    note(422, "request.unknown_cursor", "after is none of this list's cursors; start without it."),
    note(422, "request.cursor_of_other_filter", "after belongs to another filter; start without it."),
    note(
        422,
        "request.idempotency_key_reused",
        "The Idempotency-Key was used for another request; take a new key.",
    ),
    note(
        428,
        "request.if_match_required",
        "Send the ETag you read as If-Match, so that nobody's change is overwritten.",
    ),
    note(429, "request.rate_limited", "Too many requests; try again after Retry-After."),
    note(431, "request.headers_too_large", "All headers together may have 16 KiB."),
    note(500, "service.fault", "A defect on our side; tell us the request_id."),
    note(503, "service.unavailable", "Not now; try again after Retry-After."),
    note(
        503,
        "service.timeout",
        "No answer in time, whether or not it was done; read before you repeat, or use an Idempotency-Key.",
    ),
];
