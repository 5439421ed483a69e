//! `touchstone webhooks`: a receiver to develop against, and what operators decide of one endpoint.

use std::{collections::HashSet, net::SocketAddr, sync::Mutex};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::StatusCode,
    web::{self, Bytes, Data},
};
use kernel::{Clock as _, Id};
use serde_json::Value;
use system::SystemClock;
use webhook::signing::{ID_HEADER, VerifyingKey};

use super::attach::{Attached, refused, system};
use crate::{
    cli::{EndpointOf, Webhooks},
    config::Settings,
    exit::{Exit, Failure},
    output,
};

/// Events are small; what is larger is none of ours.
const MOST_BYTES: usize = 1024 * 1024;

struct Receiver {
    key: Option<VerifyingKey>,
    answer: StatusCode,
    seen: Mutex<HashSet<String>>,
}

/// Receives, which needs no storage and no settings; other commands are not done here.
pub(super) async fn alone(command: &Webhooks) -> Option<Result<(), Failure>> {
    let Webhooks::Listen { address, key, answer } = command else { return None };
    Some(listen(*address, key.as_deref(), *answer).await)
}

pub(super) async fn run(settings: &Settings, command: &Webhooks) -> Result<(), Failure> {
    match command {
        Webhooks::Listen { .. } => Ok(()),
        Webhooks::Disable(of) => decide(settings, "webhooks disable", of, true).await,
        Webhooks::Enable(of) => decide(settings, "webhooks enable", of, false).await,
    }
}

async fn decide(settings: &Settings, command: &str, of: &EndpointOf, disable: bool) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let decided = async {
        let limits = &attached.platform.identity.organization_limits;
        let (organization, _) = limits.find(&system(command), &of.organization).await.map_err(refused)?;
        let (service, id) = (&attached.platform.webhooks.endpoints, Id::from_uuid(of.endpoint));
        let endpoint = if disable {
            service.disable_as_operator(organization.id, id).await
        } else {
            service.enable_as_operator(organization.id, id).await
        };
        let endpoint = endpoint.map_err(refused)?;
        output::line(format_args!(
            "{} of {} is {}.",
            endpoint.url.host(),
            organization.name.as_str(),
            endpoint.status().name()
        ));
        Ok(())
    };
    let decided = decided.await;
    attached.close(decided).await
}

async fn listen(address: SocketAddr, key: Option<&str>, answer: u16) -> Result<(), Failure> {
    let usage = |error: &dyn std::error::Error| Failure::new(Exit::Settings, error.to_string());
    let key = key.map(VerifyingKey::read).transpose().map_err(|error| usage(&error))?;
    let answer = StatusCode::from_u16(answer).map_err(|error| usage(&error))?;
    let verifies = key.is_some();
    let receiver = Data::new(Receiver { key, answer, seen: Mutex::default() });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(receiver.clone())
            .app_data(web::PayloadConfig::new(MOST_BYTES))
            .default_service(web::to(receive))
    });
    let server = server.workers(1).bind(address).map_err(|error| {
        Failure::new(
            Exit::AddressUnusable,
            format!("{address} cannot be listened on: {error}; choose another --address"),
        )
    })?;
    for address in server.addrs() {
        output::line(format_args!("Listening on http://{address}/; Ctrl-C ends it."));
    }
    if !verifies {
        output::line("Signatures are not verified: give the key of the endpoint with --key.");
    }
    server.run().await.map_err(Failure::fault)
}

async fn receive(receiver: Data<Receiver>, request: HttpRequest, body: Bytes) -> HttpResponse {
    output::line(said(&receiver, &request, &body));
    HttpResponse::build(receiver.answer).finish()
}

/// What is printed of a request.
fn said(receiver: &Receiver, request: &HttpRequest, body: &[u8]) -> String {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let id = header(ID_HEADER).unwrap_or("none");
    let is_new = match receiver.seen.lock() {
        Ok(mut seen) => seen.insert(id.to_owned()),
        Err(_) => true,
    };
    let signature = match &receiver.key {
        None => "not verified".to_owned(),
        Some(key) => match key.verify(header, body, SystemClock.now()) {
            Ok(()) => "sound".to_owned(),
            Err(error) => format!("WRONG: {error}"),
        },
    };
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(json) => format!("{json:#}"),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    // A control character could move the terminal; JSON writes those of ASCII alone otherwise.
    let body = text.replace(|char: char| char.is_control() && char != '\n', "\u{FFFD}");
    let again = if is_new { "" } else { " (came before)" };
    format!("\n{} webhook-id {id}{again}\nsignature: {signature}\n{body}", SystemClock.now())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use kernel::Timestamp;
    use webhook::signing::{Message, SigningKey};

    use super::*;

    fn receiver(key: &SigningKey) -> Receiver {
        Receiver { key: Some(key.verifying_key()), answer: StatusCode::NO_CONTENT, seen: Mutex::default() }
    }

    fn signed(key: &SigningKey, at: Timestamp, body: &[u8]) -> HttpRequest {
        let headers =
            Message { id: "event-1", timestamp: at.unix_seconds(), body }.headers(std::slice::from_ref(key));
        headers.into_iter().fold(TestRequest::post(), TestRequest::append_header).to_http_request()
    }

    #[test]
    fn what_came_is_shown_with_what_is_to_be_said_of_its_signature() {
        let (key, body) = (SigningKey::HmacSha256(vec![7; 32]), br#"{"type":"ping"}"#);
        let (receiver, request) = (receiver(&key), signed(&key, SystemClock.now(), body));
        let first = said(&receiver, &request, body);
        assert!(first.contains("event-1\nsignature: sound\n{\n  \"type\": \"ping\"\n}"), "{first}");
        assert!(said(&receiver, &request, body).contains("(came before)"));
        assert!(said(&receiver, &request, b"{}").contains("signature: WRONG: no signature"));
        let old = signed(&key, Timestamp::EPOCH, body);
        assert!(said(&receiver, &old, body).contains("WRONG: the request is more than five minutes"));
    }

    #[test]
    fn nothing_that_comes_moves_the_terminal() {
        let key = SigningKey::HmacSha256(vec![7; 32]);
        for body in [&b"\x1b[2J"[..], b"\"\\u001b[2J\"", "\"\u{9b}2J\"".as_bytes()] {
            let request = signed(&key, SystemClock.now(), body);
            assert!(!said(&receiver(&key), &request, body).contains(['\x1b', '\u{9b}']));
        }
    }
}
